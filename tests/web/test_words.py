"""Moments, durations and names as people read them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app import clock
from app.web import words

NIGHT = datetime(2026, 11, 12, 3, 10, 51, tzinfo=UTC)
LONDON, STOCKHOLM, DUBAI = ZoneInfo("Europe/London"), ZoneInfo("Europe/Stockholm"), ZoneInfo("Asia/Dubai")


@pytest.mark.parametrize(
    ("zone", "says"),
    [
        (LONDON, "Thu 12 Nov, 03:10 GMT"),
        (STOCKHOLM, "Thu 12 Nov, 04:10 CET"),
        (DUBAI, "Thu 12 Nov, 07:10 UTC+4"),
        (ZoneInfo("America/Los_Angeles"), "Wed 11 Nov, 19:10 PST"),
        (ZoneInfo("Asia/Kolkata"), "Thu 12 Nov, 08:40 IST"),
    ],
)
def test_a_moment_has_its_weekday_and_its_zone(zone: ZoneInfo, says: str) -> None:
    with clock.fixed(NIGHT):
        assert words.moment(NIGHT, zone) == says


def test_a_moment_of_another_year_says_which() -> None:
    with clock.fixed(NIGHT):
        assert words.moment(NIGHT.replace(year=2025), LONDON) == "Wed 12 Nov 2025, 03:10 GMT"


@pytest.mark.parametrize(
    ("length", "says"),
    [
        (-3, "0 s"), (48, "48 s"), (60, "1 min"), (160, "2 min 40 s"), (3600, "1 h"), (4200, "1 h 10 min"),
        (86400, "1 d"), (90000, "1 d 1 h"), (timedelta(minutes=5), "5 min"),
    ],
)  # fmt: skip
def test_a_duration_has_two_units_at_most(length: float | timedelta, says: str) -> None:
    assert words.lasted(length) == says


@pytest.mark.parametrize(
    ("left", "says"), [(228, "3:48"), (60, "1:00"), (59.9, "0:59"), (0, "0:00"), (-5, "0:00")]
)
def test_a_countdown_stops_at_nothing(left: float, says: str) -> None:
    assert words.countdown(timedelta(seconds=left)) == says


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ada Okafor", "AO"), ("ada", "A"), ("Jean-Luc van den Berg", "JB"), ("  ", "?"), ("Ö. Ångström", "ÖÅ")],
)
def test_initials_are_of_the_first_and_the_last_name(name: str, letters: str) -> None:
    assert words.initials(name) == letters


def test_text_from_outside_cannot_turn_the_line_around() -> None:
    assert words.plain("pay\u202eesrever\x00\n ok") == "payesrever  ok"


@pytest.mark.parametrize(
    ("href", "is_safe"),
    [
        ("https://runbooks.example/a?b=c#d", True), ("HTTP://example", True), ("javascript:alert(1)", False),
        (" https://x", False), ("https://x y", False), ("//evil.example", False), ("data:text/html,x", False),
        (None, False), (7, False), ("https://x\njavascript:1", False),
    ],
)  # fmt: skip
def test_SEC20_only_http_and_https_become_links(href: object, is_safe: bool) -> None:
    assert (words.safe_link(href) is not None) is is_safe


def test_the_hour_of_somebody_elsewhere_names_their_city() -> None:
    with clock.fixed(NIGHT):
        assert words.local_time("America/Argentina/Buenos_Aires") == "00:10 in Buenos Aires"


def test_a_zone_that_this_machine_does_not_know_is_read_in_utc() -> None:
    assert words.zone_named("Moon/Tycho").key == "UTC"


def test_a_number_and_its_unit_stay_on_one_line():
    line = words.unbroken("Of 358 alerts within 2 h 6 min (95 % interval), 12 people, 3 min. n 9 sheep")
    expected = "Of 358 alerts within 2_h_6_min (95_% interval), 12 people, 3_min. n_9 sheep"
    assert line.replace("\N{NO-BREAK SPACE}", "_") == expected
