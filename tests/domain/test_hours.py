"""The hours of a layer: across midnight, across the week's end, across clock changes."""

from datetime import timedelta

import pytest

from app.domain import zone
from app.domain.hours import Restriction
from app.domain.interval import Interval, merge
from app.domain.layer import Layer
from app.domain.schedule import resolve, resolve_range
from tests.support.oncall import ANA, BO, WORKDAYS, hours, rotation, schedule, utc

SUN, MON, SAT = 6, 0, 5


def open_hours(start: str, end: str, *restrictions: Restriction, tz: str = "UTC") -> list[str]:
    """When a layer of one person answers within [start, end), in UTC."""
    layer = Layer("days", 1, rotation("2020-01-06 00:00", ANA), restrictions)
    pieces = resolve_range(schedule(layer, zone=tz), utc(start), utc(end))
    assert all(piece.start < piece.end for piece in pieces)
    found = merge(Interval(piece.start, piece.end) for piece in pieces if piece.on_call)
    return [f"{each.start:%a %H:%M}-{each.end:%a %H:%M}" for each in found]


def test_office_hours_open_on_their_weekdays_only() -> None:
    assert open_hours("2026-11-06 00:00", "2026-11-10 00:00", hours("09:00", "17:00", WORKDAYS)) == [
        "Fri 09:00-Fri 17:00",
        "Mon 09:00-Mon 17:00",
    ]


def test_a_window_that_ends_before_it_starts_runs_into_the_next_day() -> None:
    assert open_hours("2026-11-07 00:00", "2026-11-10 00:00", hours("22:00", "08:00", [SAT, SUN])) == [
        "Sat 22:00-Sun 08:00",
        "Sun 22:00-Mon 08:00",
    ]


@pytest.mark.parametrize("zone_name", ["UTC", "America/Chicago"])
def test_R6_what_was_asked_before_changes_no_answer(zone_name: str) -> None:
    layer = Layer("days", 1, rotation("2026-10-30 12:00", ANA, BO), (hours("09:00", "17:00", WORKDAYS),))
    config = schedule(layer, zone=zone_name)
    quarters = [utc("2026-10-29 00:00") + timedelta(minutes=15 * number) for number in range(7 * 96)]
    asked_backwards = [resolve(config, moment) for moment in reversed(quarters)][::-1]
    assert asked_backwards == [resolve(schedule(layer, zone=zone_name), moment) for moment in quarters]


def test_a_window_whose_start_is_its_end_lasts_a_day() -> None:
    assert open_hours("2026-11-07 00:00", "2026-11-10 00:00", hours("09:00", "09:00", [SUN])) == [
        "Sun 09:00-Mon 09:00"
    ]


def test_windows_that_touch_or_overlap_are_one() -> None:
    assert open_hours(
        "2026-11-07 00:00", "2026-11-10 00:00",
        hours("09:00", "12:00", [SUN]), hours("12:00", "15:00", [SUN]), hours("14:00", "20:00", [SUN]),
    ) == ["Sun 09:00-Sun 20:00"]  # fmt: skip


def test_all_hours_of_all_days_are_no_restriction() -> None:
    assert open_hours("2026-11-06 00:00", "2026-11-08 00:00", hours("00:00", "00:00")) == [
        "Fri 00:00-Sun 00:00"
    ]
    assert open_hours(
        "2026-11-06 00:00", "2026-11-08 00:00", hours("08:00", "20:00"), hours("20:00", "08:00")
    ) == ["Fri 00:00-Sun 00:00"]


@pytest.mark.parametrize(
    ("clock", "at"),
    [("01:00", "2026-11-01 06:00"), ("01:30", "2026-11-01 06:30"), ("02:00", "2026-11-01 08:00")],
)
def test_R10_neighbours_in_the_night_clocks_go_back_leave_no_gap_and_no_overlap(clock: str, at: str) -> None:
    # 1 Nov 02:00 CDT -> 01:00 CST (07:00Z). GoAlert would put both on call from 01:30 to 01:30.
    early = Layer("early", 1, rotation("2020-01-06 00:00", ANA), (hours("18:00", clock),))
    late = Layer("late", 1, rotation("2020-01-06 00:00", BO), (hours(clock, "18:00"),))
    pieces = resolve_range(schedule(early, late), utc("2026-11-01 00:00"), utc("2026-11-01 12:00"))
    assert [(piece.start, [person.user_id for person in piece.on_call]) for piece in pieces] == [
        (utc("2026-11-01 00:00"), [ANA]),
        (utc(at), [BO]),
    ]


def test_R9_a_window_that_starts_in_the_skipped_hour_starts_after_it() -> None:
    # 8 Mar 02:00 CST -> 03:00 CDT (08:00Z)
    night = hours("02:30", "05:00", [SUN])
    assert open_hours("2026-03-08 00:00", "2026-03-09 00:00", night, tz="America/Chicago") == [
        "Sun 08:00-Sun 10:00"
    ]


def test_R9_a_window_inside_the_skipped_hour_does_not_open_that_day() -> None:
    night = hours("02:00", "03:00", [SAT, SUN, MON])
    assert open_hours("2026-03-07 00:00", "2026-03-10 00:00", night, tz="America/Chicago") == [
        "Sat 08:00-Sat 09:00",
        "Mon 07:00-Mon 08:00",
    ]


def test_R15_two_zones_that_change_clocks_on_other_dates_meet_and_miss_as_they_are() -> None:
    # Chicago changes on 8 Mar, London on 29 Mar: in between they are 5 hours apart, not 6
    london = zone.named("Europe/London")
    east = schedule(
        Layer("day", 1, rotation("2020-01-06 00:00", ANA), (hours("08:00", "20:00"),)), zone="Europe/London"
    )
    west = schedule(Layer("day", 1, rotation("2020-01-06 00:00", BO), (hours("14:00", "02:00"),)))
    day = utc("2026-03-10 06:00"), utc("2026-03-11 06:00")
    at_east = [Interval(piece.start, piece.end) for piece in resolve_range(east, *day) if piece.on_call]
    at_west = [Interval(piece.start, piece.end) for piece in resolve_range(west, *day) if piece.on_call]
    both = [shared for one in at_east for other in at_west if (shared := one.overlap(other))]
    assert [
        (zone.wall_clock(each.start, london).hour, zone.wall_clock(each.end, london).hour) for each in both
    ] == [(19, 20)]
    assert at_west[0].end == utc("2026-03-10 07:00")
    assert at_east[0].start == utc("2026-03-10 08:00")
