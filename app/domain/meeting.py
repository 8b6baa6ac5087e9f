"""When those who responded can meet: in everybody's working hours, and kind to whoever had the night."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain import zone
from app.domain.interval import Interval

LENGTH = timedelta(minutes=45)
NOTICE = timedelta(hours=12)  # nobody is asked to come sooner than that
AHEAD = timedelta(days=7)
STEP = timedelta(minutes=30)
OPENS, ENDS = time(9), time(17, 30)  # of anybody's working day
EARLIEST, LATEST = time(7), time(21)  # outside these people sleep, or are with their families
NIGHT = (time(0), time(6))
AWAY, ASLEEP, LATE_OR_EARLY, AFTER_NIGHT, HAS_PAGER = 1000, 200, 20, 10, 1


@dataclass(frozen=True)
class Invited:
    """Somebody to meet with: where they live, when they have the pager, when they are away."""

    name: str
    zone: ZoneInfo
    on_call: tuple[Interval, ...] = ()
    away: tuple[Interval, ...] = ()


@dataclass(frozen=True)
class Slot:
    """`against` says for whom this hour is not good, and why; empty where it is good for all."""

    start: datetime
    end: datetime
    against: tuple[str, ...]
    cost: int


def propose(people: Sequence[Invited], *, after: datetime, count: int = 3) -> list[Slot]:
    """The best hours of the coming week, on different days, the earliest of equals first."""
    best = sorted(_slots(people, after), key=lambda slot: (slot.cost, slot.start))
    chosen: list[Slot] = []
    for slot in best:
        if all(slot.start.date() != other.start.date() for other in chosen):
            chosen.append(slot)
        if len(chosen) == count:
            break
    return chosen


def look_at(people: Sequence[Invited], start: datetime, end: datetime) -> Slot:
    """What would be against this hour."""
    found = [_against(person, Interval(start, end)) for person in people]
    against = tuple(word for words, _ in found for word in words)
    return Slot(start, end, against, sum(cost for _, cost in found))


def _slots(people: Sequence[Invited], after: datetime) -> Iterator[Slot]:
    first = after + NOTICE
    start = first.replace(minute=0, second=0, microsecond=0) + STEP * (1 + first.minute // 30)
    while start < after + AHEAD:
        yield look_at(people, start, start + LENGTH)
        start += STEP


def _against(person: Invited, span: Interval) -> tuple[list[str], int]:
    here, until = (zone.wall_clock(moment, person.zone) for moment in (span.start, span.end))
    words, cost = [], 0
    if any(span.overlap(each) for each in person.away):
        words.append(f"{person.name} is away")
        cost += AWAY
    hour = f"{here:%H:%M} in {person.zone.key.rpartition('/')[2].replace('_', ' ')}"
    is_free_day = here.weekday() >= 5
    if not (here.time() >= EARLIEST and until.time() <= LATEST and here.date() == until.date()):
        words.append(f"for {person.name} it is {hour}")
        cost += ASLEEP
    elif is_free_day or not (here.time() >= OPENS and until.time() <= ENDS):
        words.append(f"for {person.name} it is {'a weekend, ' if is_free_day else ''}{hour}")
        cost += ASLEEP if is_free_day else LATE_OR_EARLY
    if any(_is_in_night(each, here.date(), person.zone) for each in person.on_call):
        words.append(f"{person.name} has the pager in the night before")
        cost += AFTER_NIGHT
    if any(span.overlap(each) for each in person.on_call):
        words.append(f"{person.name} has the pager then")
        cost += HAS_PAGER
    return words, cost


def _is_in_night(shift: Interval, day: date, lives_in: ZoneInfo) -> bool:
    begins, ends = (zone.instant(datetime.combine(day, edge), lives_in) for edge in NIGHT)
    return shift.overlap(Interval(begins, ends)) is not None
