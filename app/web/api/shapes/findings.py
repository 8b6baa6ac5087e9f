"""What the check of a schedule found, and what an edit would change."""

from app.domain.claims import Claim, Level
from app.domain.swap_edits import Fate
from app.web.api.shapes.common import Moment, Named, Shape
from app.web.api.shapes.oncall import Layer, OnCallPerson, Span


class LocalSpan(Span):
    local_start: str
    local_end: str


class Finding(Shape):
    """One claim of the check, refuted (`error`, `warning`) or `proven`.

    `intervals` are the first of the hours in which it fails, `times` how many there are; `local` tells them on
    the schedule's clock.
    """

    claim: Claim
    level: Level
    sentence: str
    people: list[Named]
    times: int
    intervals: list[LocalSpan]


class Findings(Shape):
    """What holds and what does not from `start` to `end`; errors first, then warnings, then what is proven."""

    start: Moment
    end: Moment
    items: list[Finding]
    next_cursor: None


class Change(Span):
    """Others are on call than before the edit, or the same in other roles."""

    before: list[OnCallPerson]
    after: list[OnCallPerson]


class Load(Shape):
    """Real hours first in line and as backup, and weekends with any of the former."""

    primary_hours: float
    backup_hours: float
    weekends: int


class LoadOf(Named):
    before: Load
    after: Load


class MovedShift(Named):
    """Whose running shift ends elsewhere after the edit; null: they are not on call at all then."""

    until_before: Moment
    until_after: Moment | None


class AffectedSwap(Shape):
    """A swap whose hours the edit touches, where its shift went (null: gone), and what becomes of it."""

    id: str
    owner: Named
    taker: Named | None
    start: Moment
    end: Moment
    moved: Span | None
    fate: Fate


class Preview(Shape):
    """What the edit would change from `start` to `end`. `layers` are what would be saved: where people come or
    go, a rotation begins elsewhere, so that no running shift moves.
    """

    start: Moment
    end: Moment
    layers: list[Layer]
    changes: list[Change]
    people: list[LoadOf]
    moved: list[MovedShift]
    swaps: list[AffectedSwap]
    findings: list[Finding]
