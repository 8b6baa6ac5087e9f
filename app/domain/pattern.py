"""Many hours told in few words: what comes again at the same clock time is one thing, not four hundred.

"21:00 – 22:00 every day, first on Mon 16 Nov, 21:00 GMT".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.domain import zone
from app.domain.interval import Interval
from app.domain.phrase import counted

_DAY = timedelta(days=1)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_OFTEN = 3  # from so many on, it is told as a rule
_WHOLE = (set(range(7)), set(range(5)))
_ENOUGH_FOR_A_RULE = 21  # days; two Mondays are not every Monday


@dataclass(frozen=True)
class Pattern:
    """Stretches of time that a clock on the wall calls the same. `label`: "21:00 – 22:00"."""

    label: str
    intervals: tuple[Interval, ...]


def patterns(intervals: Iterable[Interval], tz: ZoneInfo) -> list[Pattern]:
    """The stretches by their clock times in `tz`, in order of the first of each."""
    alike: dict[str, list[Interval]] = {}
    for interval in sorted(intervals):
        alike.setdefault(_label(interval, tz), []).append(interval)
    return [Pattern(label, tuple(each)) for label, each in alike.items()]


def when(pattern: Pattern, tz: ZoneInfo, *, since: datetime, until: datetime) -> str:
    """When that is, as part of a sentence. `since`: now, whose year goes without saying; `until`: how far was
    looked.
    """
    first = pattern.intervals[0]
    if len(pattern.intervals) < _OFTEN:
        return " and ".join(_one(each, tz, since, until) for each in pattern.intervals)
    days = [zone.wall_clock(each.start, tz).date() for each in pattern.intervals]
    begins = moment(first.start, tz, since)
    often = _rule(days, zone.wall_clock(until, tz).date(), weekly=pattern.label[0].isalpha())
    if often is not None:
        rule, open_ended = often
        last = "" if open_ended else f", last on {_day(days[-1], since)}"
        return f"{pattern.label} {rule}, first on {begins}{last}"
    runs = _runs(days)
    if len(runs) * 2 <= len(days):
        told = [f"{counted(len(runs[0]), 'day')} from {begins}"]
        told += [f"{counted(len(run), 'day')} from {_day(run[0], since)}" for run in runs[1:2]]
        more = f" and {counted(len(runs) - 2, 'stretch', 'stretches')} more" if len(runs) > 2 else ""
        return f"{pattern.label} on {', then '.join(told)}{more}"
    return f"{pattern.label} on {len(days)} days, first on {begins}, last on {_day(days[-1], since)}"


def moment(at: datetime, tz: ZoneInfo, since: datetime) -> str:
    """As people say it, with the year unless it is the one of `since`."""
    said = zone.spoken(at, tz)
    local = zone.wall_clock(at, tz)
    if local.year == zone.wall_clock(since, tz).year:
        return said
    day, _, rest = said.partition(", ")
    return f"{day} {local.year}, {rest}"


def _one(interval: Interval, tz: ZoneInfo, since: datetime, until: datetime) -> str:
    begins = moment(interval.start, tz, since)
    if interval.end >= until:
        return f"from {begins} on"
    start, end = zone.wall_clock(interval.start, tz), zone.wall_clock(interval.end, tz)
    if start.date() == end.date() and start < end:
        day, _, _ = begins.rpartition(", ")
        return f"on {day}, {start:%H:%M} – {zone.short(interval.end, tz)}"
    return f"from {begins} to {moment(interval.end, tz, since)}"


def _label(interval: Interval, tz: ZoneInfo) -> str:
    start, end = zone.wall_clock(interval.start, tz), zone.wall_clock(interval.end, tz)
    if end - start < _DAY:
        return f"{start:%H:%M} – {end:%H:%M}"
    weeks = (end - start).days // 7
    long = f" ({counted(weeks, 'week')} later)" if weeks else ""
    return f"{_DAYS[start.weekday()]} {start:%H:%M} – {_DAYS[end.weekday()]} {end:%H:%M}{long}"


def _rule(days: Sequence[date], last: date, *, weekly: bool) -> tuple[str, bool] | None:
    """ "every day" or "every Sat and Sun" when that is all there is to say, and whether it goes on to the last
    day looked at.
    """
    weekdays = {day.weekday() for day in days}
    here = set(days)
    between = (days[0] + _DAY * number for number in range((days[-1] - days[0]).days + 1))
    if any(day.weekday() in weekdays and day not in here for day in between):
        return None
    if weekdays not in _WHOLE and (days[-1] - days[0]).days < _ENOUGH_FOR_A_RULE:
        return None
    goes_on = not any(
        (days[-1] + _DAY * ahead).weekday() in weekdays
        for ahead in range(1, max((last - days[-1]).days - 1, 0) + 1)
    )
    if weekly:
        return "every week", goes_on
    if weekdays == set(range(7)):
        return "every day", goes_on
    if weekdays == set(range(5)):
        return "from Mon to Fri", goes_on
    return f"every {listed([_DAYS[day] for day in sorted(weekdays)])}", goes_on


def _runs(days: Sequence[date]) -> list[list[date]]:
    runs = [[days[0]]]
    for before, day in pairwise(days):
        if day - before <= _DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _day(day: date, since: datetime) -> str:
    name = zone.day_spoken(day)
    return name if day.year == since.year else f"{name} {day.year}"


def listed(names: Sequence[str]) -> str:
    """ "Ana, Bo and Cy"."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
