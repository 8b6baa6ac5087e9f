"""What the check of a schedule found."""

from app.domain.claims import Claim, Level
from app.web.api.shapes.common import Moment, Named, Shape
from app.web.api.shapes.oncall import Span


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
