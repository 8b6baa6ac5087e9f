"""What is to change so that it does not happen again: when it is late, when reminded of, how old it grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

LONGEST = 500  # characters: an action is a sentence
BEFORE = timedelta(days=3)  # the owner is reminded once so long before it is due
AGAIN = timedelta(days=7)  # and so often while it is late; whoever manages hears of it then, too
NEEDS_PROOF = "Say what changed, in a line, so that others can look at it."
AGES = ((timedelta(days=7), "under a week"), (timedelta(days=28), "1 to 4 weeks"))
OLDER = "over 4 weeks"


def reminder_due(due_at: datetime, reminded_at: datetime | None, now: datetime) -> bool:
    """Whether the owner is to be reminded: once before it is due, once when it is, then every week."""
    if now < due_at - BEFORE:
        return False
    if reminded_at is None or reminded_at < due_at - BEFORE:
        return True
    if now < due_at:
        return False
    return reminded_at < due_at or now - reminded_at >= AGAIN


def is_late(due_at: datetime | None, now: datetime) -> bool:
    return due_at is not None and due_at < now


@dataclass(frozen=True)
class Ageing:
    """How old the open ones are: how many of each age, the middle age, the oldest, how many are late."""

    count: int
    middle: timedelta
    oldest: timedelta
    late: int
    by_age: tuple[tuple[str, int], ...]


def ageing(opened: Sequence[tuple[datetime, datetime | None]], now: datetime) -> Ageing | None:
    """Of when each open action was promised and until when; None where none is open."""
    if not opened:
        return None
    ages = [now - created_at for created_at, _ in opened]
    counts = dict.fromkeys((*(word for _, word in AGES), OLDER), 0)
    for age in ages:
        counts[next((word for limit, word in AGES if age < limit), OLDER)] += 1
    late = sum(is_late(due_at, now) for _, due_at in opened)
    return Ageing(
        len(ages),
        timedelta(seconds=median(age.total_seconds() for age in ages)),
        max(ages),
        late,
        tuple(counts.items()),
    )
