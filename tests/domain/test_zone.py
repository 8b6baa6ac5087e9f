"""Wall clocks and moments, on the nights when clocks change.

America/Chicago 2026: forward Sun 8 Mar 02:00 -> 03:00 (08:00Z), back Sun 1 Nov 02:00 -> 01:00 (07:00Z).
Australia/Lord_Howe moves by half an hour: back Sun 5 Apr 02:00 -> 01:30 (4 Apr 15:00Z), forward Sun 4 Oct 02:00
-> 02:30 (3 Oct 15:30Z). Pacific/Apia left out Fri 30 Dec 2011.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import zone
from tests.support.oncall import utc, wall
from tests.support.properties import patiently


@pytest.mark.parametrize(
    ("name", "local", "moment"),
    [
        ("America/Chicago", "2026-03-08 01:59", "2026-03-08 07:59"),
        ("America/Chicago", "2026-03-08 02:00", "2026-03-08 08:00"),
        ("America/Chicago", "2026-03-08 02:30", "2026-03-08 08:00"),  # zoneinfo alone says 08:30 or 07:30
        ("America/Chicago", "2026-03-08 02:59", "2026-03-08 08:00"),
        ("America/Chicago", "2026-03-08 03:00", "2026-03-08 08:00"),
        ("America/Chicago", "2026-03-08 03:01", "2026-03-08 08:01"),
        ("Australia/Lord_Howe", "2026-10-04 02:10", "2026-10-03 15:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:30", "2026-10-03 15:30"),
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"),  # a whole day that never was
    ],
)
def test_R9_a_time_that_does_not_exist_is_the_first_moment_after_the_jump(
    name: str, local: str, moment: str
) -> None:
    assert zone.instant(wall(local), zone.named(name)) == utc(moment)


@pytest.mark.parametrize(
    ("name", "local", "moment"),
    [
        ("America/Chicago", "2026-11-01 00:59", "2026-11-01 05:59"),
        ("America/Chicago", "2026-11-01 01:00", "2026-11-01 06:00"),
        ("America/Chicago", "2026-11-01 01:30", "2026-11-01 06:30"),  # never 07:30
        ("America/Chicago", "2026-11-01 02:00", "2026-11-01 08:00"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
    ],
)
def test_R10_a_time_that_comes_twice_is_its_first_occurrence(name: str, local: str, moment: str) -> None:
    assert zone.instant(wall(local), zone.named(name)) == utc(moment)


def test_the_wall_clock_stands_still_while_an_hour_repeats() -> None:
    chicago = zone.named("America/Chicago")
    assert zone.position(utc("2026-11-01 06:59"), chicago) == wall("2026-11-01 01:59")
    for again in ("07:00", "07:30", "07:59"):
        assert zone.position(utc(f"2026-11-01 {again}"), chicago) == wall("2026-11-01 02:00") - timedelta(
            microseconds=1
        )
    assert zone.position(utc("2026-11-01 08:00"), chicago) == wall("2026-11-01 02:00")
    assert zone.wall_clock(utc("2026-11-01 07:30"), chicago) == wall("2026-11-01 01:30")


MINUTES = st.integers(0, 16 * 366 * 24 * 60)
NAMED_OFTEN = st.sampled_from(
    ["America/Chicago", "Europe/London", "Australia/Lord_Howe", "Asia/Tehran", "Africa/Casablanca", "UTC",
     "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Apia", "Antarctica/Troll", "America/Havana", "America/Nuuk"]
)  # fmt: skip
ZONES = NAMED_OFTEN | st.sampled_from(sorted(available_timezones() - {"localtime", "posixrules", "Factory"}))


@pytest.mark.fault
@patiently
@given(name=ZONES, minute=MINUTES, away=st.integers(-26 * 60, 26 * 60))
def test_a_wall_time_has_come_exactly_when_the_position_has_reached_it(
    name: str, minute: int, away: int
) -> None:
    tz = zone.named(name)
    moment = utc("2020-01-01 00:00") + timedelta(minutes=minute)
    local = zone.wall_clock(moment, tz) + timedelta(minutes=away)
    assert (zone.instant(local, tz) <= moment) == (local <= zone.position(moment, tz))


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "", "/etc/passwd", "..", "Europe", "Europe/London\0", "x" * 5000]
)
def test_a_zone_that_is_none_is_refused_in_words(name: str) -> None:
    with pytest.raises(zone.UnknownZone, match="is not a time zone"):
        zone.named(name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Europe/London", "Mon 9 Nov, 09:00 GMT"),
        ("America/Chicago", "Mon 9 Nov, 03:00 CST"),
        ("America/Sao_Paulo", "Mon 9 Nov, 06:00 UTC-03"),
        ("Asia/Kolkata", "Mon 9 Nov, 14:30 IST"),
    ],
)
def test_a_moment_is_said_with_weekday_and_zone(name: str, words: str) -> None:
    assert zone.spoken(utc("2026-11-09 09:00"), zone.named(name)) == words


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-03-07 14:59", "2026-03-07 15:00"),
        ("2026-03-07 15:00", "2026-03-08 14:00"),
        ("2026-10-31 20:00", "2026-11-01 15:00"),
    ],
)
def test_R8_nine_in_the_morning_is_the_wall_clocks_on_either_side_of_a_change(
    after: str, expected: str
) -> None:
    assert zone.next_at(9, utc(after), zone.named("America/Chicago")) == utc(expected)


def test_R11_what_lies_between_two_local_times_is_reckoned_between_their_instants() -> None:
    """Python says a week between two aware times of one zone, whatever its clock did: an hour too much."""
    chicago = ZoneInfo("America/Chicago")
    earlier, later = wall("2026-03-02 09:00"), wall("2026-03-09 09:00")
    trap = later.replace(tzinfo=chicago) - earlier.replace(tzinfo=chicago)
    assert trap == timedelta(days=7)
    assert zone.instant(later, chicago) - zone.instant(earlier, chicago) == timedelta(days=6, hours=23)
