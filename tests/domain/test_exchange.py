"""Hours in return: the same by the clock some weeks on, or turns about as long (R18)."""

from zoneinfo import ZoneInfo

from app.domain.exchange import returns
from app.domain.interval import Interval
from tests.support.oncall import utc

CHICAGO = ZoneInfo("America/Chicago")
# Saturday 18:00 to Sunday 08:00 in Chicago, the night in which clocks go back: 15 hours
NIGHT = Interval(utc("2026-10-31 23:00"), utc("2026-11-01 14:00"))


def found(*held: tuple[str, str], now: str = "2026-10-28 12:00") -> list[tuple[str, str]]:
    spans = [Interval(utc(start), utc(end)) for start, end in held]
    answer = returns(NIGHT, spans, zone=CHICAGO, now=utc(now))
    return [(f"{each.start:%m-%d %H:%M}", f"{each.end:%m-%d %H:%M}") for each in answer]


def test_of_a_long_turn_the_same_hours_by_the_clock_are_offered_not_all_of_it() -> None:
    # 14 hours by then: the clock counts, as the people do who give up an evening for an evening
    assert found(("2026-11-02 15:00", "2026-11-09 15:00")) == [("11-08 00:00", "11-08 14:00")]


def test_turns_about_as_long_are_offered_whole_the_soonest_first_and_no_more_than_three() -> None:
    nights = [(f"2026-11-{day:02} 02:00", f"2026-11-{day:02} 14:00") for day in (9, 5, 3, 7)]
    assert found(*nights) == [
        ("11-03 02:00", "11-03 14:00"), ("11-05 02:00", "11-05 14:00"), ("11-07 02:00", "11-07 14:00"),
    ]  # fmt: skip


def test_what_has_begun_overlaps_or_is_of_another_length_is_not() -> None:
    assert found(("2026-10-28 08:00", "2026-10-28 20:00")) == []  # has begun
    assert found(("2026-11-01 08:00", "2026-11-01 20:00")) == []  # overlaps
    assert found(("2026-11-03 02:00", "2026-11-03 04:00"), ("2026-11-03 02:00", "2026-11-05 02:00")) == []
