"""Features 113, 114: who carries what, in real hours; swaps move hours and make none."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.fairness import (
    HOUR,
    USUAL_WEIGHTS,
    FairnessRules,
    HourKind,
    Report,
    gini,
    parse_rules,
    parts,
    weigh,
)
from app.domain.fairness import report as report_of
from app.domain.interval import Interval
from app.domain.invalid import InvalidField
from app.domain.layer import Layer
from app.domain.schedule import ScheduleConfig, pieces
from app.domain.words import ChangeKind
from tests.support.oncall import ANA, BO, CY, DI, always, override, rotation, schedule, utc
from tests.support.properties import patiently

CHICAGO, LONDON = ZoneInfo("America/Chicago"), ZoneInfo("Europe/London")
RULES = FairnessRules()
WEEKLY = Layer("weekly", 1, rotation("2026-10-26 09:00", ANA, BO, CY))


def report(config: ScheduleConfig, start: str, end: str, **changes: Any) -> Report:
    facts: dict[str, Any] = {"roster": (ANA, BO, CY), "zone": config.zone, "rules": RULES} | changes
    return report_of(pieces(config, utc(start), utc(end)), facts.pop("pages", {}), **facts)


def hours(found: Report, user_id: int) -> float:
    return next(load.total for load in found.loads if load.user_id == user_id) / HOUR


def test_the_worked_example_gives_Bo_two_and_a_half_hours_Cy_twelve_and_a_half_and_takes_fifteen_from_Ana() -> (
    None
):
    swapped = schedule(
        WEEKLY,
        overrides=(
            override(1, "2026-10-31 23:00", "2026-11-01 14:00", BO, ANA, kind=ChangeKind.SWAP),
            override(2, "2026-11-01 01:30", "2026-11-01 14:00", CY, BO, kind=ChangeKind.TAKEOVER),
        ),
    )
    window = "2026-10-26 14:00", "2026-11-16 15:00"
    before, after = report(schedule(WEEKLY), *window), report(swapped, *window)
    assert {user: hours(after, user) - hours(before, user) for user in (ANA, BO, CY)} == {
        ANA: -15.0, BO: 2.5, CY: 12.5,
    }  # fmt: skip
    # the report of what was says the same by itself, from the chain of reasons
    assert {load.user_id: load.by_covers / HOUR for load in after.loads} == {ANA: -15.0, BO: 2.5, CY: 12.5}
    for load, planned in zip(
        sorted(after.loads, key=lambda load: load.user_id),
        sorted(before.loads, key=lambda load: load.user_id),
        strict=True,
    ):
        assert load.weighted_before(RULES) == pytest.approx(planned.weighted(RULES))
    assert after.gini_before == pytest.approx(before.gini)


def test_the_night_of_the_worked_example_is_15_real_hours_that_count_as_night_and_weekend() -> None:
    night = Interval(utc("2026-10-31 23:00"), utc("2026-11-01 14:00"))
    found = list(parts(night, CHICAGO, RULES))
    assert sum((part.length for part in found), timedelta()) == 15 * HOUR
    assert {part.kind for part in found} == {HourKind.WEEKEND}
    assert HourKind.NIGHT in {kind for part in found for kind in part.fits}
    assert weigh(night, CHICAGO, RULES) == 30


def test_fourteen_hours_of_a_saturday_count_as_28() -> None:
    assert weigh(Interval(utc("2026-11-28 08:00"), utc("2026-11-28 22:00")), LONDON, RULES) == 28


@pytest.mark.parametrize(
    ("start", "end", "night"),
    [
        ("2026-10-24 21:00", "2026-10-25 08:00", 11),  # Sat to Sun in which London goes back
        ("2026-03-28 22:00", "2026-03-29 07:00", 9),  # and forward
        ("2026-11-10 22:00", "2026-11-11 08:00", 10),
    ],
)
def test_R8_a_night_is_as_long_as_it_really_is(start: str, end: str, night: int) -> None:
    found = [part for part in parts(Interval(utc(start), utc(end)), LONDON, RULES) if part.night_of]
    assert sum((part.length for part in found), timedelta()) == night * HOUR
    assert len({part.night_of for part in found}) == 1


def test_an_hour_of_several_kinds_is_of_the_heaviest_and_counted_once() -> None:
    saturday_night = Interval(utc("2026-11-14 22:00"), utc("2026-11-14 23:00"))
    heavy_nights = parse_rules({"night": 4}, ["2026-11-14"])
    assert [part.kind for part in parts(saturday_night, LONDON, heavy_nights)] == [HourKind.NIGHT]
    assert [part.kind for part in parts(saturday_night, LONDON, parse_rules({}, ["2026-11-14"]))] == [
        HourKind.HOLIDAY
    ]


def test_a_working_day_has_its_kinds_at_their_hours() -> None:
    tuesday = Interval(utc("2026-11-10 00:00"), utc("2026-11-11 00:00"))
    assert [(f"{part.start:%H}", str(part.kind)) for part in parts(tuesday, LONDON, RULES)] == [
        ("00", "night"), ("08", "day"), ("18", "evening"), ("22", "night"),
    ]  # fmt: skip
    assert weigh(tuesday, LONDON, RULES) == 10 * 2 + 10 * 1 + 4 * 1.5


def test_nights_weekends_and_holidays_are_counted_for_whoever_had_an_hour_of_them() -> None:
    config = schedule(
        always(ANA),
        zone="Europe/London",
        overrides=(override(1, "2026-11-14 12:00", "2026-11-14 12:30", BO, ANA),),
    )
    rules = parse_rules({}, ["2026-11-16"])
    found = report(config, "2026-11-13 12:00", "2026-11-17 12:00", rules=rules)
    ana, bo = (next(load for load in found.loads if load.user_id == user) for user in (ANA, BO))
    assert (ana.nights, ana.weekends, ana.holidays) == (4, 1, 1)
    assert (bo.nights, bo.weekends, bo.holidays, bo.total) == (0, 0, 0, HOUR / 2)
    assert found.loads[-1].user_id == CY  # of the roster, with nothing


def test_pages_count_in_own_hours_only_and_those_of_the_night_apart() -> None:
    config = schedule(always(ANA, BO), zone="Europe/London")
    at = [utc("2026-11-10 12:00"), utc("2026-11-10 23:00"), utc("2026-11-20 12:00")]
    found = report(config, "2026-11-10 00:00", "2026-11-11 00:00", pages={ANA: at, BO: at})
    ana, bo = (next(load for load in found.loads if load.user_id == user) for user in (ANA, BO))
    assert (ana.pages, ana.night_pages) == (2, 1)
    assert (bo.pages, bo.backup, bo.total) == (0, 24 * HOUR, timedelta())


def test_a_gap_is_nobodys_and_is_said() -> None:
    found = report(schedule(zone="UTC"), "2026-11-10 00:00", "2026-11-11 00:00")
    assert found.nobody == 24 * HOUR
    assert found.gini is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1, 1, 1], 0), ([0, 0, 9], 2 / 3), ([1, 3], 0.25), ([5], None), ([0, 0], None), ([], None)],
)
def test_gini_is_nought_when_all_carry_alike(values: list[float], expected: float | None) -> None:
    assert gini(values) == (None if expected is None else pytest.approx(expected))


def test_weights_that_are_none_are_refused_all_at_once() -> None:
    with pytest.raises(InvalidField) as refused:
        parse_rules({"night": 11, "dusk": 1, "day": True, "evening": float("nan")}, ["25 Dec", "2026-12-25"])
    assert [pointer for pointer, _ in refused.value.errors] == [
        "/weights/night", "/weights/dusk", "/weights/day", "/weights/evening", "/holidays/0",
    ]  # fmt: skip
    assert parse_rules({}, []).weights == USUAL_WEIGHTS


ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "posixrules", "Factory"}))
MINUTES = st.integers(0, 60 * 24 * 400)


@pytest.mark.fault
@patiently
@given(
    zone=ZONES.map(ZoneInfo), start=MINUTES, length=st.integers(1, 60 * 24 * 30), holiday=st.integers(0, 400)
)
def test_parts_tile_any_span_in_any_zone(zone: ZoneInfo, start: int, length: int, holiday: int) -> None:
    begin = utc("2026-01-01 00:00") + timedelta(minutes=start)
    span = Interval(begin, begin + timedelta(minutes=length))
    found = list(parts(span, zone, FairnessRules(holidays=frozenset([date(2026, 1, 1) + timedelta(holiday)]))))
    assert (found[0].start, found[-1].end) == (span.start, span.end)
    assert all(one.end == following.start for one, following in pairwise(found))


PEOPLE = st.sampled_from([ANA, BO, CY, DI])


@pytest.mark.fault
@patiently
@given(
    zone=ZONES,
    days=st.integers(0, 16 * 365),
    swaps=st.lists(st.tuples(MINUTES, st.integers(1, 60 * 24 * 9), PEOPLE, PEOPLE), max_size=8),
)
def test_R6_swaps_move_hours_between_people_and_the_sum_stays(
    zone: str, days: int, swaps: list[tuple[int, int, int, int]]
) -> None:
    begin = utc("2020-01-01 14:00") + timedelta(days=days)
    weekly = Layer("Weekly", 1, rotation("2019-12-02 09:00", ANA, BO, CY))
    rows = []
    for number, (start, length, comes, goes) in enumerate(swaps, start=1):
        at = begin + timedelta(minutes=start % (60 * 24 * 21))
        until = at + timedelta(minutes=length)
        if comes != goes:
            rows.append(
                override(number, f"{at:%Y-%m-%d %H:%M}", f"{until:%Y-%m-%d %H:%M}", comes, goes,
                         kind=ChangeKind.SWAP)
            )  # fmt: skip
    window = f"{begin:%Y-%m-%d %H:%M}", f"{begin + timedelta(days=28):%Y-%m-%d %H:%M}"
    before = report(schedule(weekly, zone=zone), *window)
    after = report(schedule(weekly, zone=zone, overrides=tuple(rows)), *window)
    for found in (before, after):
        assert sum((load.total for load in found.loads), found.nobody) == Interval(*map(utc, window)).length
    assert sum((load.by_covers for load in after.loads), timedelta()) == timedelta()
    for kind in HourKind:
        assert in_all(after, kind) == in_all(before, kind)


def in_all(found: Report, kind: HourKind) -> timedelta:
    return sum((load.hours[kind] for load in found.loads), timedelta())
