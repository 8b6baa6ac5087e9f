"""What an edit changes, and that nobody's running shift moves when people come or go (R14)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from app.domain.difference import Change, Load, Moved, difference
from app.domain.layer import Layer
from app.domain.reason import OnCallRole
from app.domain.rotation import Unit
from app.domain.rotation_edit import keep_running_turns
from app.domain.schedule import ScheduleConfig, resolve
from tests.support.oncall import ANA, BO, CY, DI, rotation, schedule, utc

P, B = OnCallRole.PRIMARY, OnCallRole.BACKUP
AT = utc("2026-11-12 12:00")  # a Thursday
QUARTER = timedelta(days=90)


def weekly(
    *sets: tuple[int, ...] | int, start: str = "2026-01-05 09:00", unit: Unit = Unit.WEEK
) -> ScheduleConfig:
    return schedule(Layer("Weekly", 1, rotation(start, *sets, unit=unit)))


def edited(before: ScheduleConfig, after: ScheduleConfig, at: datetime = AT) -> ScheduleConfig:
    return replace(after, layers=keep_running_turns(before, after.layers, at))


def first(config: ScheduleConfig, at: datetime = AT) -> int:
    return resolve(config, at)[0].user_id


def test_R14_a_holiday_that_has_passed_moves_nobodys_running_turn() -> None:
    turns = rotation("2026-11-02 09:00", ANA, BO, CY, unit=Unit.BUSINESS_DAY)
    before = schedule(Layer("Days", 1, turns))
    more = replace(turns, holidays=frozenset({date(2026, 11, 11), date(2026, 11, 13)}))
    after = edited(before, schedule(Layer("Days", 1, more)))
    assert first(before) == first(after) != first(schedule(Layer("Days", 1, more)))
    monday = utc("2026-11-16 20:00")
    assert (first(before, monday), first(after, monday)) == (BO, ANA), "the Friday is not counted"


def test_the_same_schedule_differs_in_nothing() -> None:
    found = difference(weekly(ANA, BO), weekly(ANA, BO), AT, AT + QUARTER)
    assert (found.changes, found.moved, found.people) == ((), (), ())
    assert found.loads[ANA][0] == found.loads[ANA][1]


def test_six_weeks_say_who_has_most_of_each_before_and_after_and_what_is_changed() -> None:
    before = weekly(ANA, BO, start="2026-11-09 09:00")
    found = difference(before, weekly(ANA, CY, start="2026-11-09 09:00"), AT, AT + QUARTER).weeks
    assert [(week.before, week.after) for week in found] == [(ANA, ANA), (BO, CY)] * 3
    # Monday to 09:00 is still the one's of the week before, so a week after a changed one is touched, too
    assert [week.is_changed for week in found] == [False, True, True, True, True, True]
    assert found[0].monday == date(2026, 11, 9)
    assert difference(weekly(ANA), schedule(), AT, AT + QUARTER).weeks[1].after is None


def test_a_change_says_who_before_and_after_and_each_ones_hours_and_weekends() -> None:
    before = weekly((ANA, BO), start="2026-11-09 09:00")
    after = weekly((BO, CY), start="2026-11-09 09:00")
    found = difference(before, after, AT, AT + timedelta(days=9))
    end = AT + timedelta(days=9)
    assert found.changes == (Change(AT, end, ((ANA, P), (BO, B)), ((BO, P), (CY, B))),)
    nine_days = timedelta(days=9)
    assert found.loads == {
        ANA: (Load(nine_days, weekends=2), Load()),
        BO: (Load(backup=nine_days), Load(nine_days, weekends=2)),
        CY: (Load(), Load(backup=nine_days)),
    }
    assert found.people == (ANA, BO, CY)
    assert found.moved == (Moved(ANA, end, None), Moved(BO, end, None))


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("people", [(DI, ANA, BO, CY), (ANA, DI, BO, CY), (ANA, BO, DI, CY), (ANA, BO, CY, DI)])
def test_R14_inserting_a_person_moves_nobodys_running_shift(unit: Unit, people: tuple[int, ...]) -> None:
    before = weekly(ANA, BO, CY, start="2025-12-31 09:00", unit=unit)
    for days in range(0, 100, 7):
        at = AT + days * timedelta(days=1, hours=1)
        after = edited(before, weekly(*people, start="2025-12-31 09:00", unit=unit), at)
        found = difference(before, after, at, at + timedelta(days=7))
        assert (first(after, at), found.moved) == (first(before, at), ())


def test_R14_the_preview_names_everybody_whose_next_90_days_change() -> None:
    before = weekly(ANA, BO, CY)
    after = edited(before, weekly(ANA, BO, DI, CY))
    assert set(difference(before, after, AT, AT + QUARTER).people) == {ANA, BO, CY, DI}


@pytest.mark.parametrize("unit", list(Unit))
def test_R14_removing_somebody_else_moves_nobodys_running_shift(unit: Unit) -> None:
    before = weekly(ANA, BO, CY, DI, start="2025-12-31 09:00", unit=unit)
    for days in range(0, 60, 7):
        at = AT + days * timedelta(days=1, hours=1)
        gone = next(each for each in (ANA, BO, CY, DI) if each != first(before, at))
        left = tuple(each for each in (ANA, BO, CY, DI) if each != gone)
        after = edited(before, weekly(*left, start="2025-12-31 09:00", unit=unit), at)
        assert first(after, at) == first(before, at)
        assert difference(before, after, at, at + timedelta(days=20)).moved == ()


def test_R14_when_the_one_on_call_is_removed_the_next_takes_over() -> None:
    before = weekly(ANA, BO, CY)
    now = first(before)
    order = [ANA, BO, CY]
    after_them = order[(order.index(now) + 1) % 3]
    after = edited(before, weekly(*(each for each in order if each != now)))
    assert first(after) == after_them


def test_R14_a_backup_put_into_the_running_set_moves_nothing() -> None:
    before = weekly(ANA, BO, CY)
    now = first(before)
    sets = tuple((each, DI) if each == now else (each,) for each in (ANA, BO, CY))
    after = edited(before, weekly(*sets))
    assert after.layers[0].rotation.start == before.layers[0].rotation.start
    assert [person.user_id for person in resolve(after, AT)] == [now, DI]


def test_whoever_changes_the_order_or_the_start_says_whose_turn_it_is() -> None:
    before = weekly(ANA, BO, CY)
    for after in (
        weekly(CY, ANA, BO),
        weekly(ANA, BO, start="2026-11-09 09:00"),
        weekly(ANA, BO, unit=Unit.DAY),
    ):
        assert edited(before, after) == after
    begins_later = weekly(ANA, BO, start="2027-01-04 09:00")
    longer = weekly(ANA, BO, CY, start="2027-01-04 09:00")
    assert edited(begins_later, longer) == longer


def test_R13_R14_a_monthly_rotation_keeps_its_day_when_somebody_comes() -> None:
    before = weekly(ANA, BO, start="2026-01-31 09:00", unit=Unit.MONTH)
    after = edited(before, weekly(ANA, DI, BO, start="2026-01-31 09:00", unit=Unit.MONTH))
    assert after.layers[0].rotation.start.day == 31
    assert first(after) == first(before)
