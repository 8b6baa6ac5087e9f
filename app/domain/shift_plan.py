"""What people have before them on a schedule, how it differs from what they were told, and when to tell them.

Reasons do not matter here: a shift is who, in which role, from when to when. Moments are aware and in UTC.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.domain import zone as zones
from app.domain.interval import Interval, merge, subtract
from app.domain.phrase import counted
from app.domain.reason import OnCallRole
from app.domain.schedule import Shift
from app.domain.swap_words import place, span_words
from app.domain.zone import spoken

LEADS = (48 * 60, 24 * 60, 12 * 60, 6 * 60, 60, 15)  # minutes before a shift, to choose from
USUAL_LEADS = (24 * 60, 60)
AHEAD = timedelta(days=90)
Who = tuple[int, OnCallRole]
MOST_SAID = 6  # shifts in one notice; the rest is counted
WEEK_BEGINS = 8  # o'clock on Monday


@dataclass(frozen=True, slots=True, order=True)
class PlannedShift:
    """One unbroken stretch of one person in one role."""

    start: datetime
    end: datetime
    user_id: int
    role: OnCallRole

    def to_json(self) -> list[Any]:
        return [self.user_id, str(self.role), self.start.isoformat(), self.end.isoformat()]

    @classmethod
    def from_json(cls, kept: Sequence[Any]) -> "PlannedShift":
        user_id, role, start, end = kept
        return cls(datetime.fromisoformat(start), datetime.fromisoformat(end), int(user_id), OnCallRole(role))

    @property
    def interval(self) -> Interval:
        return Interval(self.start, self.end)


def paged(shifts: Iterable[PlannedShift]) -> list[PlannedShift]:
    """When an alert would page whom, soonest first: the primaries, and the backups where there is none."""
    shifts = list(shifts)
    first = [each for each in shifts if each.role is OnCallRole.PRIMARY]
    covered = [each.interval for each in first]
    behind = [
        replace(each, start=left.start, end=left.end)
        for each in shifts
        if each.role is not OnCallRole.PRIMARY
        for left in subtract([each.interval], covered)
    ]
    return sorted(first + behind, key=lambda each: (each.start, each.user_id))


@dataclass(frozen=True)
class Difference:
    """What one person has now and had not, and the other way round."""

    gained: tuple[PlannedShift, ...]
    lost: tuple[PlannedShift, ...]


def plan(pieces: Iterable[Shift]) -> tuple[PlannedShift, ...]:
    """The shifts of everybody in these pieces, by their start. A backup with nobody before them is paged, and
    so has it as a primary.
    """
    held: dict[Who, list[Interval]] = defaultdict(list)
    for piece in pieces:
        has_primary = any(person.role is OnCallRole.PRIMARY for person in piece.on_call)
        for person in piece.on_call:
            role = person.role if has_primary else OnCallRole.PRIMARY
            held[person.user_id, role].append(Interval(piece.start, piece.end))
    return _shifts({who: merge(hours) for who, hours in held.items()})


def differences(
    before: Iterable[PlannedShift], after: Iterable[PlannedShift], window: Interval
) -> dict[int, Difference]:
    """For each person whose hours in the window changed, which."""
    had, has = _hours(before, window), _hours(after, window)
    gained = _shifts({who: subtract(hours, had.get(who, ())) for who, hours in has.items()})
    lost = _shifts({who: subtract(hours, has.get(who, ())) for who, hours in had.items()})
    people = {shift.user_id for shift in (*gained, *lost)}
    return {
        user_id: Difference(
            tuple(shift for shift in gained if shift.user_id == user_id),
            tuple(shift for shift in lost if shift.user_id == user_id),
        )
        for user_id in sorted(people)
    }


def lead_due(start: datetime, leads: Iterable[int], now: datetime) -> int | None:
    """The shortest of these leads (minutes) that has begun before a shift; None when none has, or it runs."""
    begun = [lead for lead in leads if start - timedelta(minutes=lead) <= now < start]
    return min(begun, default=None)


def next_moment(
    shifts: Iterable[PlannedShift], leads: Mapping[int, Sequence[int]], now: datetime
) -> datetime | None:
    """When the next lead begins, or the next shift ends, after `now`."""
    moments = [shift.end for shift in shifts]
    moments += [
        shift.start - timedelta(minutes=lead)
        for shift in shifts
        for lead in leads.get(shift.user_id, USUAL_LEADS)
    ]
    return min((moment for moment in moments if moment > now), default=None)


def ended(shift: PlannedShift, shifts: Iterable[PlannedShift], now: datetime, *, within: timedelta) -> bool:
    """Whether this shift ended lately, and its person has no other that goes on from there, in any role."""
    return now - within < shift.end <= now and not any(
        other.user_id == shift.user_id and other.start <= shift.end < other.end for other in shifts
    )


def monday_morning(now: datetime, zone: ZoneInfo) -> datetime | None:
    """The Monday 08:00 of this person's clock, from then to noon; None at any other time."""
    wall = zones.wall_clock(now, zone)
    if wall.weekday() != 0 or not WEEK_BEGINS <= wall.hour < 12:
        return None
    return zones.instant(wall.replace(hour=WEEK_BEGINS, minute=0, second=0, microsecond=0), zone)


def soon_words(
    shift: PlannedShift, schedule: str, *, mine: ZoneInfo, theirs: ZoneInfo, ends: bool, alerts: int
) -> tuple[str, str]:
    """Title and body for whoever goes on call, in their zone `mine` and in the schedule's where it differs."""
    words = [
        f"{schedule}{_as(shift)}" + (f", to {spoken(shift.end, mine)}." if ends else ", with no end in sight.")
    ]
    if spoken(shift.start, mine) != spoken(shift.start, theirs):
        words.append(f"That is {spoken(shift.start, theirs)} in {place(theirs)}.")
    if alerts:
        words.append(f"{counted(alerts, 'alert')} open.")
    return f"You are on call from {spoken(shift.start, mine)}", " ".join(words)


def changed_words(found: Difference, who: str | None, *, mine: ZoneInfo, theirs: ZoneInfo) -> str:
    """What a person has now and had before, as a body; `who` changed it, where that is one."""
    lines = []
    if found.gained:
        lines.append(f"You have now: {listed(found.gained, mine=mine, theirs=theirs)}.")
    if found.lost:
        lines.append(f"You have no longer: {listed(found.lost, mine=mine, theirs=theirs)}.")
    if who:
        lines.append(f"{who} changed it.")
    return "\n".join(lines)


def listed(shifts: Sequence[PlannedShift], *, mine: ZoneInfo, theirs: ZoneInfo) -> str:
    """Shifts on the person's clock, with the schedule's where they differ; what is too many is counted."""
    words = []
    for shift in shifts[:MOST_SAID]:
        here, there = span_words(shift.interval, mine), span_words(shift.interval, theirs)
        words.append(here + _as(shift) + ("" if here == there else f" ({there} in {place(theirs)})"))
    if len(shifts) > MOST_SAID:
        words.append(f"and {len(shifts) - MOST_SAID} more")
    return "; ".join(words)


def _as(shift: PlannedShift) -> str:
    return " as backup" if shift.role is OnCallRole.BACKUP else ""


def _hours(shifts: Iterable[PlannedShift], window: Interval) -> dict[Who, tuple[Interval, ...]]:
    found: dict[Who, list[Interval]] = defaultdict(list)
    for shift in shifts:
        if inside := shift.interval.overlap(window):
            found[shift.user_id, shift.role].append(inside)
    return {who: merge(hours) for who, hours in found.items()}


def _shifts(hours: Mapping[Who, tuple[Interval, ...]]) -> tuple[PlannedShift, ...]:
    return tuple(
        sorted(
            PlannedShift(each.start, each.end, *who) for who, stretches in hours.items() for each in stretches
        )
    )


def handoffs(shifts: Sequence[PlannedShift], window: Interval) -> dict[tuple[datetime, int], int | None]:
    """Who comes on as a primary when in the window, and whom they follow: (moment, incoming) -> outgoing."""
    primaries = [shift for shift in shifts if shift.role is OnCallRole.PRIMARY]
    return {
        (shift.start, shift.user_id): next(
            (
                other.user_id
                for other in primaries
                if other.end == shift.start and other.user_id != shift.user_id
            ),
            None,
        )
        for shift in primaries
        if window.start < shift.start <= window.end
    }
