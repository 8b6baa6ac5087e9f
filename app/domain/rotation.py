"""Whose turn it is: handoffs at a wall-clock time, right on the nights when clocks change.

A turn starts at one handoff and ends at the next; how long it lasts follows from that (R8). Every handoff is
counted from the rotation's start, never from the handoff before, so that a rotation on day 31 hands over on 28
February and again on 31 March (R13), and a handoff moved by a clock change moves no other. Hourly rotations
count the hours that clocks show: a 3-hour turn from 00:00 lasts 2 hours when clocks go forward and 4 when they
go back (GA-9), so that the turns of a day start at the same times all year.

Rotations by business days hand over from Monday to Friday, and not on their holidays; whoever has the day
before a weekend or a holiday has that too.
"""

from bisect import bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.domain.zone import instant, position


class Unit(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    BUSINESS_DAY = "business_day"


_LASTS = {Unit.HOUR: timedelta(hours=1), Unit.DAY: timedelta(days=1), Unit.WEEK: timedelta(weeks=1)}
_ADVERB = {
    Unit.HOUR: "hourly",
    Unit.DAY: "daily",
    Unit.WEEK: "weekly",
    Unit.MONTH: "monthly",
    Unit.BUSINESS_DAY: "every business day",
}
_FRIDAY = 4


class Turn(NamedTuple):
    """One set of people from one handoff to the next. `people`: first the primary, then the backups, as user
    ids.
    """

    number: int
    start: datetime
    end: datetime
    people: tuple[int, ...]


@dataclass(frozen=True)
class Rotation:
    """Sets of people who take turns of `length` units. `start`: the first handoff, as a naive wall clock.
    `holidays`: local days that are no business days.
    """

    unit: Unit
    length: int
    start: datetime
    participants: tuple[tuple[int, ...], ...]
    holidays: frozenset[date] = frozenset()

    @cached_property
    def rhythm(self) -> str:
        """How often it hands over, in words: "weekly", "every 2 weeks"."""
        return _ADVERB[self.unit] if self.length == 1 else f"every {self.length} {self.unit}s".replace("_", " ")

    @cached_property
    def _lasts(self) -> timedelta | None:
        """How long a turn is by the wall clock; None where the calendar decides that."""
        unit = _LASTS.get(self.unit)
        return None if unit is None else unit * self.length

    def handoff(self, number: int) -> datetime:
        """The wall clock at which turn `number` starts; turn 0 starts at the rotation's start."""
        if self._lasts is not None:
            return self.start + self._lasts * number
        if self.unit is Unit.BUSINESS_DAY:
            day = self._first_worked + number * self.length
            for holiday in self._days_off:
                if holiday > day:
                    break
                day += 1
            weeks, weekday = divmod(self.start.weekday() + day, 5)
            return self.start + timedelta(weeks=weeks, days=weekday - self.start.weekday())
        years, month = divmod(self.start.month - 1 + number * self.length, 12)
        year, month = self.start.year + years, month + 1
        return self.start.replace(year=year, month=month, day=min(self.start.day, monthrange(year, month)[1]))

    def turn_at(self, at: datetime, zone: ZoneInfo) -> Turn | None:
        """The turn running at `at` with its ends in UTC; None before the rotation starts or when it has
        nobody.
        """
        number = self.number_at(position(at, zone))
        return None if number is None else self.turn(number, zone)

    def turn(self, number: int, zone: ZoneInfo) -> Turn:
        """Turn `number` with its ends in UTC. It is empty (start = end) when a clock change swallowed it."""
        return Turn(
            number,
            instant(self.handoff(number), zone),
            instant(self.handoff(number + 1), zone),
            self.people_of(number),
        )

    def people_of(self, number: int) -> tuple[int, ...]:
        """Whose turn `number` is."""
        return self.participants[number % len(self.participants)]

    def number_at(self, wall: datetime) -> int | None:
        """Which turn has come when the wall clock is at `wall` (see `zone.position`); None for no turn at
        all.
        """
        if wall < self.start or not self.participants:
            return None
        if self._lasts is not None:
            return (wall - self.start) // self._lasts
        if self.unit is Unit.BUSINESS_DAY:
            worked = self._worked(self._weekdays_to(wall)) - self._first_worked
            return worked // self.length if worked >= 0 else None
        months = (wall.year - self.start.year) * 12 + wall.month - self.start.month
        number = months // self.length
        return number if self.handoff(number) <= wall else number - 1

    @cached_property
    def _days_off(self) -> tuple[int, ...]:
        """The holidays, counted in weekdays from the start."""
        days = (datetime.combine(day, self.start.time()) for day in self.holidays if day.weekday() <= _FRIDAY)
        return tuple(sorted(map(self._weekdays_to, days)))

    @cached_property
    def _first_worked(self) -> int:
        """What `_worked` says of the first day from the start on that is none off."""
        day = 0
        while day in self._days_off:
            day += 1
        return self._worked(day)

    def _worked(self, day: int) -> int:
        """Weekdays without the holidays up to `day`; on a holiday what it is on the day before."""
        return day - bisect_right(self._days_off, day)

    def _weekdays_to(self, wall: datetime) -> int:
        """How many handoffs of Monday to Friday have come since the first. A start on a weekend, which no edge
        takes, stands for the Monday after it.
        """
        monday = self.start.date() - timedelta(days=self.start.weekday())
        weeks, weekday = divmod((wall.date() - monday).days, 7)
        too_early = weekday <= _FRIDAY and wall.time() < self.start.time()
        return weeks * 5 + min(weekday, _FRIDAY) - too_early - self.start.weekday()
