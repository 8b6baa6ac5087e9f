"""Hours of somebody else that are a fair return for one's own, so that one tap asks for an exchange (R18)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain import zone as zones
from app.domain.interval import Interval

WEEKS = 8  # how far ahead hours in return are looked for
MOST = 3  # offered of one person


def returns(
    given: Interval, held: Sequence[Interval], *, zone: ZoneInfo, now: datetime, most: int = MOST
) -> tuple[Interval, ...]:
    """Up to `most` stretches of `held`, the other's hours, that match `given`, the soonest first.

    The same hours by the clock some weeks on, where they have all of them; else whole turns between half and
    twice as long. None has begun, none overlaps what is given.
    """
    ahead = [each for each in held if each.start >= now and not each.overlap(given)]
    same = [week for week in _weeks_on(given, zone) if any(_within(week, each) for each in ahead)]
    alike = [each for each in ahead if given.length / 2 <= each.length <= given.length * 2]
    found = sorted({(each.start, each.end) for each in [*same, *alike]})
    return tuple(Interval(start, end) for start, end in found[:most])


def _weeks_on(given: Interval, zone: ZoneInfo) -> list[Interval]:
    start, end = zones.wall_clock(given.start, zone), zones.wall_clock(given.end, zone)
    moved = (timedelta(weeks=weeks) for weeks in range(1, WEEKS + 1))
    return [Interval(zones.instant(start + week, zone), zones.instant(end + week, zone)) for week in moved]


def _within(inner: Interval, outer: Interval) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
