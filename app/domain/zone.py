"""From a clock on the wall to a moment, and back: the only place where local time is reckoned with.

A wall clock is a naive datetime and belongs to a zone that stands beside it; a moment is aware and in UTC.
Aware local datetimes do not leave this file. Python subtracts two of the same zone as if clocks never changed,
and says 7 days from Monday 2 March 09:00 to Monday 9 March 09:00 in Chicago, where 6 days and 23 hours passed
(R11).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class UnknownZone(ValueError):
    """The name is not one of the IANA time zones this machine knows."""


@lru_cache(maxsize=1024)
def named(name: str) -> ZoneInfo:
    """The IANA zone of that name, as Europe/Riga. Raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as unknown:
        # besides "not found", zoneinfo lets errors through about paths, directories and files that are no zone
        raise UnknownZone(f"“{name}” is not a time zone; one reads like Europe/London") from unknown


@cache  # it walks the machine's files about zones
def names() -> frozenset[str]:
    """Every IANA zone this machine knows, as Europe/Riga."""
    return frozenset(available_timezones())


@lru_cache(maxsize=8192)  # the same few handoffs are asked for again and again
def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When a clock on a wall in `zone` first shows `wall`, in UTC.

    A time that comes twice, as 01:30 when clocks go back, is its first occurrence (R10). A time that never
    comes, as 02:30 when clocks go forward, is the first moment after the jump (R9).
    """
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    # zoneinfo reads a skipped 02:30 with the old offset, 03:30 by the new clock, or (fold=1) with the new one,
    # 01:30 by the old clock. The jump lies between the two.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = moment
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if wall_clock(middle, zone) < wall:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def wall_clock(moment: datetime, zone: ZoneInfo) -> datetime:
    """What a clock on a wall in `zone` shows at `moment`: naive, and the same for both passes of a repeated
    hour.
    """
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def position(moment: datetime, zone: ZoneInfo) -> datetime:
    """How far the wall clock in `zone` has come at `moment`, never going back: naive.

    It is the wall clock, but stands still at the end of a repeated hour while that passes for the second time,
    as every time in it has been reached. So for any wall time w: instant(w) <= moment exactly when w <=
    position(moment), and rules that are kept in wall time can be decided in wall time.
    """
    local = moment.astimezone(zone)
    if not local.fold:
        return local.replace(tzinfo=None)
    wall = local.replace(tzinfo=None, fold=0)
    first, second = wall.replace(tzinfo=zone).astimezone(UTC), moment
    went_back = second - first
    while second - first > timedelta(microseconds=1):
        middle = first + (second - first) // 2
        if middle.astimezone(zone).fold:
            second = middle
        else:
            first = middle
    return wall_clock(second, zone) + went_back - timedelta(microseconds=1)


def changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """Each moment in [start, end), in UTC and to the second, at which clocks in `zone` are put on or back."""
    at = start
    while at < end:
        following = min(at + timedelta(days=1), end)
        before, after, old = at, following, at.astimezone(zone).utcoffset()
        if old != following.astimezone(zone).utcoffset():
            while after - before > timedelta(seconds=1):
                middle = (before + (after - before) // 2).replace(microsecond=0)
                if middle.astimezone(zone).utcoffset() == old:
                    before = middle
                else:
                    after = middle
            yield after
        at = following


def spoken(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as people say it, with weekday and zone: "Mon 9 Nov, 09:00 GMT"."""
    local = moment.astimezone(zone)
    name = local.tzname() or "UTC"
    if name[0] in "+-":  # zones without letters of their own call themselves -03
        name = f"UTC{name}"
    return f"{day_spoken(local)}, {local.hour:02}:{local.minute:02} {name}"


def day_spoken(day: date) -> str:
    """A day as people say it: "Mon 9 Nov"."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def short(moment: datetime, zone: ZoneInfo) -> str:
    """The hour alone, for a day that goes without saying: "09:00 GMT"."""
    return spoken(moment, zone).partition(", ")[2]


def next_at(hour: int, after: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after `after` at which a clock on a wall in `zone` shows this hour, in UTC."""
    wall = wall_clock(after, zone).replace(hour=hour, minute=0, second=0, microsecond=0)
    soonest = instant(wall, zone)
    return soonest if soonest > after else instant(wall + timedelta(days=1), zone)
