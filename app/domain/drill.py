"""A drill (D2): a page that asks only for a tap, at a moment nobody knows, so that a phone proves it rings."""

from datetime import datetime, timedelta
from enum import StrEnum

from app.domain import zone as zones
from app.domain.interval import Interval

ANSWERED_WITHIN = timedelta(minutes=5)
FIRST_DAY = timedelta(days=1)
AT_THE_START = timedelta(hours=1)  # of a shift whose first day has no working hours: a night's
REST = timedelta(days=7)  # after one that was passed
WORK_BEGINS, WORK_ENDS = 9, 17  # o'clock
TELLS_AFTER = 2  # failed in a row


class Outcome(StrEnum):
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


def moment_of(shift: Interval, zone: str, *, dice: float) -> datetime:
    """When to drill whoever has this shift: at a minute of their working hours in its first day, else of its
    first hour. `dice` in [0, 1) chooses the minute.
    """
    first = Interval(shift.start, min(shift.end, shift.start + FIRST_DAY))
    hours = _working(first, zone) or [Interval(first.start, min(first.end, first.start + AT_THE_START))]
    minutes = [int((each.end - each.start) / timedelta(minutes=1)) for each in hours]
    chosen = int(dice * sum(minutes))
    for each, length in zip(hours, minutes, strict=True):
        if chosen < length:
            return each.start + timedelta(minutes=chosen)
        chosen -= length
    return first.start


def outcome(asked_at: datetime, tapped_at: datetime | None, *, now: datetime) -> Outcome:
    """Only a tap within five minutes passes; that the phone showed it does not."""
    if tapped_at is not None and tapped_at - asked_at <= ANSWERED_WITHIN:
        return Outcome.PASSED
    return Outcome.FAILED if now - asked_at > ANSWERED_WITHIN else Outcome.RUNNING


def _working(span: Interval, zone: str) -> list[Interval]:
    """The working hours that lie within, of a minute at least."""
    place = zones.named(zone)
    day, found = zones.wall_clock(span.start, place).replace(hour=0, minute=0, second=0, microsecond=0), []
    while (begins := zones.instant(day.replace(hour=WORK_BEGINS), place)) < span.end:
        start = max(span.start, begins)
        end = min(span.end, zones.instant(day.replace(hour=WORK_ENDS), place))
        if end - start >= timedelta(minutes=1):
            found.append(Interval(start, end))
        day += timedelta(days=1)
    return found
