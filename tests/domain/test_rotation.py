"""Handoffs, with the transition of the night in the comment."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain import zone
from app.domain.rotation import Rotation, Unit
from tests.support.oncall import ANA, BO, CY, rotation, utc, wall
from tests.support.properties import patiently

CHICAGO = zone.named("America/Chicago")
NAMED_OFTEN = ["America/Chicago", "Europe/London", "Australia/Lord_Howe", "Asia/Tehran", "Africa/Casablanca"]
ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})
WEEKLY = rotation("2026-03-02 09:00", ANA, BO, CY)


def handoffs(turns: Rotation, tz: str, start: str, end: str) -> list[str]:
    """The starts of all turns that have a length, in UTC, walking from handoff to handoff."""
    at, found = utc(start), []
    while at < utc(end):
        turn = turns.turn_at(at, zone.named(tz))
        assert turn is not None
        assert turn.start <= at < turn.end
        found.append(f"{turn.start:%d %H:%M}")
        at = turn.end
    return found


@pytest.mark.parametrize(
    ("at", "start", "end", "hours"),
    [
        ("2026-03-04 00:00", "2026-03-02 15:00", "2026-03-09 14:00", 167),  # 8 Mar 02:00 -> 03:00
        ("2026-03-09 14:00", "2026-03-09 14:00", "2026-03-16 14:00", 168),
        ("2026-10-30 00:00", "2026-10-26 14:00", "2026-11-02 15:00", 169),  # 1 Nov 02:00 -> 01:00
    ],
)
def test_R8_a_weekly_turn_ends_at_the_next_handoff_of_the_clock(
    at: str, start: str, end: str, hours: int
) -> None:
    turn = WEEKLY.turn_at(utc(at), CHICAGO)
    assert turn is not None
    assert (turn.start, turn.end) == (utc(start), utc(end))
    assert turn.end - turn.start == timedelta(hours=hours)
    # a turn of 604,800 seconds would end at 10:00 on 9 Mar, and at 08:00 on 2 Nov
    assert zone.wall_clock(turn.end, CHICAGO).hour == 9


def test_people_take_turns_in_their_order() -> None:
    weeks = [WEEKLY.turn_at(utc("2026-03-02 15:00") + timedelta(weeks=week), CHICAGO) for week in range(5)]
    assert [turn and turn.people for turn in weeks] == [(ANA,), (BO,), (CY,), (ANA,), (BO,)]


def test_R2_at_the_handoff_only_the_incoming_person_has_it() -> None:
    before, after = (WEEKLY.turn_at(utc(at), CHICAGO) for at in ("2026-03-09 13:59:59", "2026-03-09 14:00"))
    assert before is not None
    assert after is not None
    assert (before.people, after.people) == ((ANA,), (BO,))


def test_before_its_start_a_rotation_has_no_turn() -> None:
    assert WEEKLY.turn_at(utc("2026-03-02 14:59"), CHICAGO) is None
    assert WEEKLY.turn_at(utc("2026-03-02 15:00"), CHICAGO) is not None
    assert rotation("2026-03-02 09:00").turn_at(utc("2026-03-03 00:00"), CHICAGO) is None


def test_R8_daily_turns_last_as_long_as_the_day() -> None:
    daily = rotation("2026-01-01 09:00", ANA, BO, unit=Unit.DAY)
    for tz, at, hours in [
        ("America/Chicago", "2026-03-08 00:00", 23.0),  # 8 Mar 02:00 -> 03:00
        ("America/Chicago", "2026-11-01 00:00", 25.0),  # 1 Nov 02:00 -> 01:00
        ("Australia/Lord_Howe", "2026-04-04 12:00", 24.5),  # 5 Apr 02:00 -> 01:30
        ("Australia/Lord_Howe", "2026-10-03 12:00", 23.5),  # 4 Oct 02:00 -> 02:30
    ]:
        turn = daily.turn_at(utc(at), zone.named(tz))
        assert turn is not None
        assert turn.end - turn.start == timedelta(hours=hours)


def test_R9_a_handoff_in_the_hour_that_is_left_out_happens_right_after_it_and_moves_no_other() -> None:
    daily = rotation("2026-01-01 02:30", ANA, BO, unit=Unit.DAY)
    # 8 Mar 02:00 -> 03:00 CDT: 02:30 does not exist; on 7 Mar it is 08:30Z, on 9 Mar 07:30Z
    assert handoffs(daily, "America/Chicago", "2026-03-07 12:00", "2026-03-10 00:00") == [
        "07 08:30",
        "08 08:00",
        "09 07:30",
    ]


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("01:00", ["31 06:00", "01 06:00", "02 07:00"]),
        ("01:30", ["31 06:30", "01 06:30", "02 07:30"]),
        ("02:00", ["31 07:00", "01 08:00", "02 08:00"]),
    ],
)
def test_R10_a_handoff_in_the_hour_that_repeats_happens_the_first_time(clock: str, expected: list[str]) -> None:
    daily = rotation(f"2026-01-01 {clock}", ANA, BO, unit=Unit.DAY)
    # 1 Nov 02:00 CDT -> 01:00 CST (07:00Z): 01:00 and 01:30 come twice
    assert handoffs(daily, "America/Chicago", "2026-10-31 12:00", "2026-11-03 00:00") == expected


def test_hourly_turns_count_the_hours_that_clocks_show() -> None:
    three = rotation("2026-01-01 00:00", ANA, BO, unit=Unit.HOUR, length=3)
    # 8 Mar 02:00 -> 03:00 (08:00Z): the turn from 00:00 lasts two hours; on 1 Nov it lasts four
    assert handoffs(three, "America/Chicago", "2026-03-08 06:00", "2026-03-08 13:00") == [
        "08 06:00",
        "08 08:00",
        "08 11:00",
    ]
    assert handoffs(three, "America/Chicago", "2026-11-01 05:00", "2026-11-01 13:00") == [
        "01 05:00",
        "01 09:00",
        "01 12:00",
    ]
    one = rotation("2026-01-01 00:00", ANA, BO, CY, unit=Unit.HOUR)
    # the turn of 02:00 never comes on 8 Mar; that of 01:00 lasts through both 01:00s on 1 Nov
    assert handoffs(one, "America/Chicago", "2026-03-08 06:00", "2026-03-08 10:00") == [
        "08 06:00",
        "08 07:00",
        "08 08:00",
        "08 09:00",
    ]
    assert handoffs(one, "America/Chicago", "2026-11-01 05:00", "2026-11-01 09:00") == [
        "01 05:00",
        "01 06:00",
        "01 08:00",
    ]


def test_R13_a_month_that_is_too_short_hands_over_on_its_last_day_and_the_31st_comes_back() -> None:
    monthly = rotation("2026-01-31 09:00", ANA, BO, unit=Unit.MONTH)
    starts = [monthly.handoff(number) for number in range(6)] + [monthly.handoff(25)]
    assert [f"{start:%Y-%m-%d}" for start in starts] == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", "2028-02-29",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "number"),
    [
        ("2026-02-28 08:59", 0),
        ("2026-02-28 09:00", 1),
        ("2026-03-31 08:59", 1),
        ("2026-03-31 09:00", 2),
        ("2027-01-31 09:00", 12),
    ],
)
def test_R13_the_turn_of_a_moment_is_counted_from_the_anchor(at: str, number: int) -> None:
    turn = rotation("2026-01-31 09:00", ANA, BO, unit=Unit.MONTH).turn_at(utc(at), zone.named("UTC"))
    assert turn is not None
    assert turn.number == number


def test_a_rotation_of_several_months_or_hours_says_so() -> None:
    assert rotation("2026-01-01 00:00", ANA, unit=Unit.MONTH).rhythm == "monthly"
    assert rotation("2026-01-01 00:00", ANA, unit=Unit.HOUR, length=12).rhythm == "every 12 hours"


def test_feature_92_two_working_days_each_skip_weekends_and_holidays() -> None:
    two_each = rotation("2026-12-22 09:00", ANA, BO, CY, unit=Unit.BUSINESS_DAY, length=2)  # a Tuesday
    holidays = {date(2026, 12, day) for day in (25, 26, 28)} | {date(2027, 1, 1)}  # the 26th is a Saturday
    turns = replace(two_each, holidays=frozenset(holidays))
    starts = [f"{turns.handoff(number):%a %d %b}" for number in range(5)]
    assert starts == ["Tue 22 Dec", "Thu 24 Dec", "Wed 30 Dec", "Mon 04 Jan", "Wed 06 Jan"]
    turn = turns.turn_at(utc("2026-12-28 20:00"), CHICAGO)
    assert turn is not None
    assert turn.people == (BO,), "whoever has the day before a holiday has it"
    assert two_each.handoff(2) == wall("2026-12-28 09:00")


def test_feature_92_a_rotation_that_would_begin_on_a_holiday_begins_on_the_day_after() -> None:
    first = rotation("2026-12-25 09:00", ANA, BO, unit=Unit.BUSINESS_DAY)
    turns = replace(first, holidays=frozenset({date(2026, 12, 25), date(2026, 12, 23)}))
    assert turns.handoff(0) == wall("2026-12-28 09:00")
    assert turns.number_at(wall("2026-12-25 10:00")) is None
    assert [turns.number_at(wall(f"2026-12-{day} 09:00")) for day in (28, 29)] == [0, 1]


@pytest.mark.fault
@patiently
@given(
    unit=st.sampled_from(Unit),
    length=st.integers(1, 40),
    start=st.datetimes(wall("2020-01-01"), wall("2030-01-01")),
    tz=st.sampled_from(NAMED_OFTEN) | st.sampled_from(ZONES),
    minutes=st.integers(0, 15 * 366 * 24 * 60),
    holidays=st.frozensets(st.dates(date(2019, 12, 1), date(2030, 3, 1)), max_size=30),
)
def test_the_turn_of_a_moment_holds_it_and_its_neighbours_touch_it(
    unit: Unit, length: int, start: datetime, tz: str, minutes: int, holidays: frozenset[date]
) -> None:
    assume(unit is not Unit.BUSINESS_DAY or start.weekday() < 5)  # a weekend is refused at every edge
    turns = Rotation(unit, length, start.replace(second=0, microsecond=0), ((ANA,), (BO,), (CY,)), holidays)
    place = zone.named(tz)
    at = zone.instant(turns.handoff(0), place) + timedelta(minutes=minutes)
    turn = turns.turn_at(at, place)
    assert turn is not None
    assert turn.start <= at < turn.end
    assert turns.turn(turn.number + 1, place).start == turn.end
    if turn.number:
        assert turns.turn(turn.number - 1, place).end == turn.start
