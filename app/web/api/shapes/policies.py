"""Whom to page in what order. What a draft may hold beyond its types is decided by app/domain/policy.py."""

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from app.domain.flapping import USUAL_LIMIT
from app.domain.words import Severity
from app.web.api.shapes.common import Draft, Id, ListQuery, Moment, Name, Shape, TimeZone, any_of
from app.web.api.shapes.oncall import Minutes, Restriction


class Target(Draft):
    """Whom a step pages: a person, whoever a schedule says at that moment or will say next, or everybody of a
    team. A step may stand for the steps of another policy, which is then its only target. `channel` and
    `webhook` name a destination that is told, once a round.
    """

    kind: Literal["user", "schedule", "team", "next_on_call", "policy", "channel", "webhook"]
    id: Id


class When(Draft):
    """Whether a step is taken at all: `severities`, all where empty; `hours` in `time_zone`, or outside them.

    One whose condition does not hold is passed over at once.
    """

    severities: Annotated[list[Severity], Field(default_factory=list)]
    hours: Annotated[list[Restriction], Field(default_factory=list)]
    outside: bool = False
    time_zone: TimeZone | None = None


class Step(Draft):
    """Everybody in `targets` is paged; the next step is taken after `wait_minutes` unless somebody has it.

    Meanwhile they are reminded `reminders` times, spread over the wait unless `remind_every_minutes` is given;
    a policy's only step asks every 5 minutes. With `round_robin` one of them is paged: who was the longest ago.
    """

    wait_minutes: Minutes = 5
    targets: list[Target]
    reminders: int = 3
    remind_every_minutes: Minutes | None = None
    round_robin: bool = False
    when: When | None = None

    @model_serializer(mode="wrap")
    def _without_what_is_usual(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        usual = {
            name: field.default for name, field in type(self).model_fields.items() if name != "wait_minutes"
        }
        written: dict[str, Any] = handler(self)
        return {name: held for name, held in written.items() if name not in usual or held != usual[name]}


class EscalationPolicyDraft(Draft):
    """`repeat` adds that many rounds; after the last one the last resort is paged.

    `acknowledgements` is how many people must acknowledge before it stops. When an alert is still open
    `acknowledge_timeout_minutes` (5 to 10080) after that, whoever has it and whoever is on call are paged
    again. A key that comes and goes pages `flap_limit` times (1 to 100) in ten minutes, and further only for
    an alert that is open for two; null: every time.
    """

    name: Name
    team_id: Id
    steps: list[Step]
    repeat: int = 0
    last_resort_user_id: Id | None = None
    acknowledgements: int = 1
    acknowledge_timeout_minutes: int | None = None
    flap_limit: int | None = USUAL_LIMIT


class EscalationPolicy(Shape):
    id: str
    name: str
    team_id: str
    steps: list[Step]
    repeat: int
    last_resort_user_id: str | None
    acknowledgements: int
    acknowledge_timeout_minutes: int | None
    flap_limit: int | None
    created_at: Moment
    updated_at: Moment


class EscalationPolicyQuery(ListQuery):
    name: list[str] = any_of()
    team_id: list[str] = any_of()
