"""Quiet and sleep hours: by the clock on the person's wall, over midnight, in the nights clocks change."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from app.domain import daily
from app.domain.daily import DailyHours, NoSuchHours

LONDON = ZoneInfo("Europe/London")
NIGHT = DailyHours(time(22), time(7))


@pytest.mark.parametrize(
    ("at", "held"),
    [
        (datetime(2026, 7, 1, 20, 59, tzinfo=UTC), False),  # 21:59 British summer time
        (datetime(2026, 7, 1, 21, 0, tzinfo=UTC), True),
        (datetime(2026, 7, 2, 5, 59, tzinfo=UTC), True),
        (datetime(2026, 7, 2, 6, 0, tzinfo=UTC), False),
    ],
)
def test_hours_run_over_midnight_by_the_wall_clock(at: datetime, held: bool) -> None:
    assert NIGHT.holds(at, LONDON) is held


def test_hours_within_a_day_end_that_day() -> None:
    nap = DailyHours(time(13), time(14, 30))
    at = datetime(2026, 1, 5, 13, 15, tzinfo=UTC)
    assert nap.holds(at, LONDON)
    assert nap.over_at(at, LONDON) == datetime(2026, 1, 5, 14, 30, tzinfo=UTC)


def test_the_night_clocks_go_back_is_an_hour_longer() -> None:
    """On 25 October 2026 02:00 British summer time becomes 01:00 GMT: 07:00 on the wall is 07:00 UTC."""
    asleep_at = datetime(2026, 10, 24, 21, 0, tzinfo=UTC)  # 22:00 on the wall
    assert NIGHT.over_at(asleep_at, LONDON) == datetime(2026, 10, 25, 7, 0, tzinfo=UTC)


def test_nothing_typed_is_no_hours_and_a_row_keeps_what_was_typed() -> None:
    assert daily.read("", " ") is None
    hours = daily.read("22:00", "07:00")
    assert hours == NIGHT
    assert daily.of_row(NIGHT.kept()) == NIGHT
    assert daily.of_row(None) is None
    assert str(NIGHT) == "22:00–07:00"


@pytest.mark.parametrize(
    ("start", "end"), [("22:00", ""), ("25:00", "07:00"), ("10", "late"), ("22:00+02:00", "07:00")]
)
def test_half_a_pair_and_nonsense_are_refused(start: str, end: str) -> None:
    with pytest.raises(NoSuchHours, match="Two times"):
        daily.read(start, end)


def test_a_whole_day_of_quiet_is_refused() -> None:
    with pytest.raises(NoSuchHours, match="all day"):
        daily.read("07:00", "07:00")
