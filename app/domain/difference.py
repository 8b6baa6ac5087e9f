"""What an edit of a schedule changes: for whom, when, and how much each has before and after (R14).

Only the future is compared. What has been served is in the book, and no edit touches it (R7).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain import zone
from app.domain.interval import Interval, merge
from app.domain.reason import OnCallRole
from app.domain.schedule import OnCall, ScheduleConfig, Shift, pieces

Held = tuple[tuple[int, OnCallRole], ...]
WEEKS = 6
_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Change:
    """From `start` to `end` others are on call than before, or the same in other roles. Both in order of
    rank.
    """

    start: datetime
    end: datetime
    before: Held
    after: Held


@dataclass(frozen=True, slots=True)
class Load:
    """What a person has in the span: real hours first in line and as backup, and weekends with any of the
    former.
    """

    primary: timedelta = timedelta()
    backup: timedelta = timedelta()
    weekends: int = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """Whose shift that runs at the start of the span is another one after the edit. `until_after`: None when
    they are not on call at all then.
    """

    user_id: int
    until_before: datetime
    until_after: datetime | None


@dataclass(frozen=True, slots=True)
class Week:
    """Who is first in line for most of a week that begins on `monday`, before and after; None: nobody is.

    `is_changed` when anything in it is different, also where most of it is not.
    """

    monday: date
    before: int | None
    after: int | None
    is_changed: bool


@dataclass(frozen=True)
class Difference:
    weeks: tuple[Week, ...]  # the first six, on the old schedule's clock
    changes: tuple[Change, ...]
    loads: Mapping[int, tuple[Load, Load]]  # before and after, of everybody who is on call in either
    moved: tuple[Moved, ...]

    @property
    def people(self) -> tuple[int, ...]:
        """Everyone for whom anything changes, by id."""
        return tuple(
            sorted(
                {user_id for change in self.changes for user_id, _ in set(change.before) ^ set(change.after)}
            )
        )


def difference(before: ScheduleConfig, after: ScheduleConfig, start: datetime, end: datetime) -> Difference:
    """What is different in [start, end) when `after` takes the place of `before`."""
    old, new = tuple(pieces(before, start, end)), tuple(pieces(after, start, end))
    had, has = _loads(old, before.zone), _loads(new, after.zone)
    people = sorted(had.keys() | has.keys())
    changes = tuple(_changes(old, new))
    return Difference(
        tuple(_weeks(old, new, changes, before.zone, start, end)),
        changes,
        {user_id: (had.get(user_id, Load()), has.get(user_id, Load())) for user_id in people},
        tuple(_moved(old, new)),
    )


def _changes(old: tuple[Shift, ...], new: tuple[Shift, ...]) -> Iterator[Change]:
    """Where the two differ; neighbours with the same people on both sides as one."""
    last: Change | None = None
    for start, end, was, will in _side_by_side(old, new):
        if was == will:
            continue
        if last and last.end == start and (last.before, last.after) == (was, will):
            last = Change(last.start, end, was, will)
            continue
        if last:
            yield last
        last = Change(start, end, was, will)
    if last:
        yield last


def _weeks(
    old: tuple[Shift, ...], new: tuple[Shift, ...], changes: tuple[Change, ...], tz: ZoneInfo,
    start: datetime, end: datetime,
) -> Iterator[Week]:  # fmt: skip
    day = zone.wall_clock(start, tz).date()
    monday = day - day.weekday() * _DAY
    for number in range(WEEKS):
        first = monday + number * 7 * _DAY
        edges = [zone.instant(datetime.combine(each, time()), tz) for each in (first, first + 7 * _DAY)]
        if edges[0] >= end:
            return
        span = Interval(max(start, edges[0]), min(end, edges[1]))
        touched = any(change.start < span.end and change.end > span.start for change in changes)
        yield Week(first, _mostly(old, span), _mostly(new, span), touched)


def _mostly(shifts: tuple[Shift, ...], span: Interval) -> int | None:
    """Who is first in line for the most of it; of equals whoever comes first."""
    held: dict[int, timedelta] = {}
    for shift in shifts:
        part = Interval(shift.start, shift.end).overlap(span)
        first = next((each.user_id for each in shift.on_call if each.role is OnCallRole.PRIMARY), None)
        if part is not None and first is not None:
            held[first] = held.get(first, timedelta()) + part.length
    return max(held, key=lambda user_id: held[user_id]) if held else None


def _side_by_side(
    old: tuple[Shift, ...], new: tuple[Shift, ...]
) -> Iterator[tuple[datetime, datetime, Held, Held]]:
    """Both cut at the edges of either."""
    one = other = 0
    while one < len(old) and other < len(new):
        was, will = old[one], new[other]
        start, end = max(was.start, will.start), min(was.end, will.end)
        yield start, end, _held(was.on_call), _held(will.on_call)
        one += was.end == end
        other += will.end == end


def _held(on_call: tuple[OnCall, ...]) -> Held:
    return tuple((person.user_id, person.role) for person in on_call)


def _loads(shifts: tuple[Shift, ...], tz: ZoneInfo) -> dict[int, Load]:
    hours: dict[tuple[int, OnCallRole], timedelta] = {}
    weekends: dict[int, set[date]] = {}
    for shift in shifts:
        on_weekends = _weekends(shift, tz) if shift.on_call else set()
        for person in shift.on_call:
            key = person.user_id, person.role
            hours[key] = hours.get(key, timedelta()) + (shift.end - shift.start)
            if person.role is OnCallRole.PRIMARY:
                weekends.setdefault(person.user_id, set()).update(on_weekends)
    return {
        user_id: Load(
            hours.get((user_id, OnCallRole.PRIMARY), timedelta()),
            hours.get((user_id, OnCallRole.BACKUP), timedelta()),
            len(weekends.get(user_id, ())),
        )
        for user_id in {user_id for user_id, _ in hours}
    }


def _weekends(shift: Shift, tz: ZoneInfo) -> set[date]:
    """The Saturdays of the weekends that a shift reaches into, on the schedule's clock."""
    day = zone.wall_clock(shift.start, tz).date()
    last = zone.wall_clock(shift.end - timedelta(minutes=1), tz).date()
    found = set()
    while day <= last:
        into = day.weekday() - _SATURDAY
        if into >= 0:
            found.add(day - into * _DAY)
        day += _DAY if into >= 0 else -into * _DAY
    return found


def _moved(old: tuple[Shift, ...], new: tuple[Shift, ...]) -> Iterator[Moved]:
    if not old or not new:
        return
    for person in old[0].on_call:
        was, will = _first_run(old, person), _first_run(new, person)
        if was and (will is None or will.end != was.end):
            yield Moved(person.user_id, was.end, will.end if will else None)


def _first_run(shifts: tuple[Shift, ...], person: OnCall) -> Interval | None:
    """The stretch from the start of the span in which a person has this role; None when they do not begin."""
    held = [
        Interval(shift.start, shift.end)
        for shift in shifts
        if any(each.user_id == person.user_id and each.role is person.role for each in shift.on_call)
    ]
    runs = merge(held)
    return runs[0] if runs and runs[0].start == shifts[0].start else None
