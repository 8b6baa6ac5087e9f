"""How load lies between people."""

from typing import Annotated

from pydantic import Field

from app.web.api.shapes.common import Draft, Moment, Named, Query, Shape


class FairnessQuery(Query):
    """Half-open, at most 400 days; `to` is now and `from` 13 weeks before it unless given."""

    from_: Annotated[Moment | None, Field(alias="from")] = None
    to: Moment | None = None


class Weights(Draft):
    """What an hour of each kind counts as; of an hour's kinds the heaviest counts."""

    holiday: float = 3
    weekend: float = 2
    night: float = 2
    evening: float = 1.5
    day: float = 1


class OwnWeights(Draft):
    """Those of a schedule; a kind that is left out, or null, weighs what it does in the organisation."""

    holiday: float | None = None
    weekend: float | None = None
    night: float | None = None
    evening: float | None = None
    day: float | None = None


class FairnessDraft(Draft):
    """`holidays` are local days of the schedule's zone, as 2026-12-25."""

    weights: Annotated[OwnWeights, Field(default_factory=OwnWeights)]
    holidays: Annotated[list[str], Field(default_factory=list, max_length=400)]


class FairnessRules(Draft):
    """`holidays` are local days of the schedule's zone, as 2026-12-25."""

    weights: Annotated[Weights, Field(default_factory=Weights)]
    holidays: Annotated[list[str], Field(default_factory=list, max_length=400)]


class HoursByKind(Shape):
    """Real hours; each is of one kind, so they add up to the total."""

    holiday: float
    weekend: float
    night: float
    evening: float
    day: float


class PersonLoad(Shape):
    """One person's part. `covered_hours` had for others, minus those others had for them.

    A night, weekend or holiday counts for whoever had an hour of it; `pages` came in own hours.
    """

    user: Named
    hours: HoursByKind
    total_hours: float
    weighted_hours: float
    weighted_hours_before_covers: float
    covered_hours: float
    backup_hours: float
    nights: int
    weekends: int
    holidays: int
    pages: int
    night_pages: int


class Fairness(Shape):
    """Heaviest first. `gini` is 0 when all carry alike; null with fewer than two people.

    `imported_holidays` came from a calendar, and count like those of `rules`.
    """

    start: Moment
    end: Moment
    time_zone: str
    rules: FairnessRules
    imported_holidays: list[str]
    gini: float | None
    gini_before_covers: float | None
    nobody_hours: float
    items: list[PersonLoad]
    next_cursor: None
