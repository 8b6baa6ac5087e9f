"""What an hour on call weighs: a quiet weekday hour 1, an evening 1.5, a night or a weekend hour 2 (D9).

By the wall clock where the person lives it: nights are 22:00 to 08:00, evenings 18:00 to 22:00. The heaviest
that applies counts. Real time is weighed, so the night in which clocks go back has an hour more.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain import zone
from app.domain.interval import Interval

WEEKDAY, EVENING, NIGHT, WEEKEND = 1.0, 1.5, 2.0, 2.0
_EDGES = (time(0), time(8), time(18), time(22))
_HOUR = timedelta(hours=1)


def weight(span: Interval, tz: ZoneInfo) -> float:
    """The weighted hours of a stretch in the zone `tz`."""
    total, at = 0.0, span.start
    while at < span.end:
        until = min(_next_edge(at, tz), span.end)
        total += (until - at) / _HOUR * _hourly(zone.wall_clock(at, tz))
        at = until
    return total


def _hourly(wall: datetime) -> float:
    if wall.weekday() >= 5:
        return WEEKEND
    if wall.hour < 8 or wall.hour >= 22:
        return NIGHT
    return EVENING if wall.hour >= 18 else WEEKDAY


def _next_edge(at: datetime, tz: ZoneInfo) -> datetime:
    day = zone.wall_clock(at, tz).date()
    for date in (day, day + timedelta(days=1)):
        for edge in _EDGES:
            moment = zone.instant(datetime.combine(date, edge), tz)
            if moment > at:
                return moment
    raise AssertionError(f"no edge within a day after {at}")
