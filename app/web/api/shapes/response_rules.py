"""Rules that look at each new alert once."""

from typing import Annotated

from pydantic import Field

from app.domain.response_rule import Act
from app.domain.response_rule import Field as RuleField
from app.web.api.shapes.common import Draft, Id, Moment, Name, Shape, absent

Words = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(min_length=1, max_length=20)]


class Condition(Draft):
    """`severity`, `service` (ids) or the label `name` is one of `among`."""

    field: RuleField
    among: Words
    name: Annotated[str, Field(max_length=200)] = ""


class Action(Draft):
    """`promote` and `open_room` need nothing more; `assign_team` and `notify` name a team."""

    act: Act
    team_id: Id | None = None


class RuleDraft(Draft):
    """`needs_all`: every condition must hold, else any. `stops`: later rules do not look at the alert."""

    name: Name
    conditions: Annotated[list[Condition], Field(max_length=20)]
    actions: Annotated[list[Action], Field(min_length=1, max_length=4)]
    needs_all: bool = True
    stops: bool = False


class RuleChanges(Draft):
    """`is_on` switches it; `position` 1 is the first. Switched on, it looks at alerts from then on."""

    is_on: bool = absent()
    position: Annotated[int, Field(ge=1, le=1000)] = absent()


class ShownCondition(Shape):
    field: RuleField
    among: list[str]
    name: str


class ShownAction(Shape):
    act: Act
    team_id: str | None


class TrialQuery(Draft):
    """`alert_id` is the alert that the rules are tried on."""

    alert_id: Id


class Step(Shape):
    """What a rule would do."""

    rule_id: str
    rule: str
    act: Act
    team_id: str | None


class Trial(Shape):
    """Nothing was done. Empty where no rule that is on holds for the alert."""

    steps: list[Step]


class Rule(Shape):
    id: str
    name: str
    position: int
    is_on: bool
    conditions: list[ShownCondition]
    actions: list[ShownAction]
    needs_all: bool
    stops: bool
    created_at: Moment
    updated_at: Moment
