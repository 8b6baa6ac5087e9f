"""The hours a layer answers in: weekdays and times on the wall clock of the schedule's zone.

A window that ends at or before its start runs into the next day, so start = end is 24 hours (GA-10). All of it
is reckoned in wall time, as a pattern that repeats every week; `zone.position` and `zone.instant` lead in and
out. So "ends 01:30" and "starts 01:30" are one moment also in the night when 01:30 comes twice, and neighbours
leave no gap and no overlap (R10). GoAlert takes the second 01:30 for an end.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

_MINUTE = timedelta(minutes=1)
_DAY = 24 * 60
_WEEK = 7 * _DAY


@dataclass(frozen=True)
class Restriction:
    """Answer only on these weekdays (0 is Monday) from `start` to `end`; the weekday is the one it starts
    on.
    """

    weekdays: frozenset[int]
    start: time
    end: time


class WeeklyHours:
    """Restrictions taken together: the open stretches of a week, those that touch as one."""

    def __init__(self, restrictions: Iterable[Restriction]) -> None:
        windows = sorted(
            (opens + week, closes + week)
            for restriction in restrictions
            for opens, closes in _windows(restriction)
            for week in (-_WEEK, 0, _WEEK)  # the neighbours, as Sunday night runs into Monday
        )
        merged: list[tuple[int, int]] = []
        for opens, closes in windows:
            if merged and opens <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
            else:
                merged.append((opens, closes))
        self.always = any(closes - opens >= _WEEK for opens, closes in merged)
        self._opens = [opens for opens, _ in merged]
        self._closes = [closes for _, closes in merged]

    def open_around(self, wall: datetime) -> tuple[datetime, datetime] | None:
        """The open stretch that `wall` is in, naive like it; None when closed. Not to be asked when
        `always`.
        """
        monday, minute = _in_week(wall)
        found = bisect_right(self._opens, minute) - 1
        if found < 0 or minute >= self._closes[found]:
            return None
        return monday + self._opens[found] * _MINUTE, monday + self._closes[found] * _MINUTE

    def closed_around(self, wall: datetime) -> tuple[datetime, datetime]:
        """The closed stretch that `wall`, at which it is closed, is in: since the last closing, until the next
        opening.
        """
        monday, minute = _in_week(wall)
        following = bisect_right(self._opens, minute)
        return monday + self._closes[following - 1] * _MINUTE, monday + self._opens[following] * _MINUTE

    def next_opening(self, wall: datetime) -> datetime:
        """When it opens next after `wall`, at which it is closed."""
        return self.closed_around(wall)[1]


def _windows(restriction: Restriction) -> Iterable[tuple[int, int]]:
    opens = restriction.start.hour * 60 + restriction.start.minute
    closes = restriction.end.hour * 60 + restriction.end.minute
    if closes <= opens:
        closes += _DAY
    for weekday in restriction.weekdays:
        yield weekday * _DAY + opens, weekday * _DAY + closes


def _in_week(wall: datetime) -> tuple[datetime, int]:
    """The Monday before and the minutes since."""
    day, minute = wall.weekday(), wall.hour * 60 + wall.minute
    monday = wall.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=day)
    return monday, day * _DAY + minute
