"""When a drill comes, and what passes it."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.drill import Outcome, moment_of, outcome
from app.domain.interval import Interval

LONDON = "Europe/London"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "zone", "dice", "expected"),
    [
        (at(9, 9), at(16, 9), LONDON, 0.0, at(9, 9)),
        (at(9, 9), at(16, 9), LONDON, 0.999, at(9, 16, 59)),  # the first day alone
        (at(9, 12), at(10, 12), LONDON, 0.5, at(9, 16)),  # 12 to 17, then 9 to 12: 480 minutes
        (at(9, 12), at(10, 12), LONDON, 0.7, at(10, 9, 36)),
        (at(9, 22), at(10, 6), LONDON, 0.5, at(9, 22, 30)),  # a night: its first hour
        (at(9, 22), at(9, 22, 10), LONDON, 0.99, at(9, 22, 9)),
        (at(9, 9), at(10, 9), "America/New_York", 0.0, at(9, 14)),
    ],
)
def test_a_drill_comes_in_the_working_hours_of_the_first_day(
    start: datetime, end: datetime, zone: str, dice: float, expected: datetime
) -> None:
    assert moment_of(Interval(start, end), zone, dice=dice) == expected


def test_only_a_tap_within_five_minutes_passes() -> None:
    asked = at(9, 10)
    minutes = lambda number: asked + timedelta(minutes=number)  # noqa: E731
    assert outcome(asked, None, now=minutes(5)) is Outcome.RUNNING
    assert outcome(asked, None, now=minutes(5.1)) is Outcome.FAILED
    assert outcome(asked, minutes(4.9), now=minutes(60)) is Outcome.PASSED
    assert outcome(asked, minutes(5.1), now=minutes(60)) is Outcome.FAILED
