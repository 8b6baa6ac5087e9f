"""Calendars that are read again every hour: what changed comes in, what fails is said and changes nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.words import CalendarUse
from app.engine import jobs
from app.notices.models import Notice
from app.oncall import calendar_sources, fairness, override, queries, remove, schedules
from app.oncall.calendar_in import UnreadableCalendar
from app.oncall.calendar_sources import Target, UnknownNames
from app.oncall.models import CalendarSource, Override, Schedule, TimeOff
from app.people.models import User
from tests.oncall.test_calendar_import import event, ics
from tests.support.calendar_host import CalendarHost, calendar_host
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.support.oncall import utc

HOUR = timedelta(hours=1)
WEEKDAYS = ("16", "17", "18")


@pytest.fixture
def host(app: APIFlask, monkeypatch: pytest.MonkeyPatch) -> Iterator[CalendarHost]:
    with calendar_host() as there:
        settings = replace(app.config["settings"], private_hosts=(there.host,))
        monkeypatch.setitem(app.config, "settings", settings)
        yield there


@pytest.fixture
def cast(app: APIFlask, clock: TestClock) -> Cast:
    clock.moment = utc("2026-11-10 12:00")
    with transaction():
        cast = Cast()
        schedules.create(
            name="Payments", team_id=cast.payments.id, time_zone="America/Chicago", layers=[], by=cast.mara,
            at=clock(),
        )  # fmt: skip
    return cast


def the_schedule() -> Schedule:
    return db.session.scalars(sa.select(Schedule)).one()


def shifts() -> Target:
    return Target(CalendarUse.SHIFTS, the_schedule())


def turns(*names: str) -> bytes:
    """A day each from Monday 16 November, 09:00 in the schedule's zone."""
    return ics(*(event(f"202611{day}T090000", f"202611{int(day) + 1}T090000", name)
                 for day, name in zip(WEEKDAYS, names, strict=False)))  # fmt: skip


def keep(target: Target, host: CalendarHost, data: bytes, cast: Cast, clock: TestClock) -> None:
    host.body = data
    contents = calendar_sources.look(target, data, at=clock())
    with transaction():
        calendar_sources.keep(contents, host.address, by=db.session.merge(cast.mara), at=clock())


def source() -> CalendarSource:
    db.session.rollback()
    return db.session.scalars(sa.select(CalendarSource)).one()


def who_has_them() -> list[str]:
    held, _ = queries.shifts(the_schedule().id, utc("2026-11-16 15:00"), utc("2026-11-19 15:00"))
    return [shift.people[0].name for shift in held]


def notices() -> list[str]:
    return [row.title for row in db.session.scalars(sa.select(Notice).order_by(Notice.id))]


def test_an_address_is_read_again_every_hour_and_what_changed_comes_in(
    cast: Cast, clock: TestClock, host: CalendarHost
) -> None:
    keep(shifts(), host, turns("Ada", "Ben", "Ada"), cast, clock)
    assert (jobs.read_calendars(), host.asked) == (0, 0)
    clock.advance(hours=1)
    assert (jobs.read_calendars(), host.asked) == (1, 1)
    host.body = turns("Ada", "Ben", "Ben")
    clock.advance(hours=1)
    jobs.read_calendars()
    assert who_has_them() == ["Ada", "Ben", "Ben"]
    assert source().read_at == clock()
    assert host.host.startswith(source().host)
    assert "private-3f9c" not in source().sealed_address


def test_what_stays_the_same_stays_under_what_was_changed_on_top_of_it(
    cast: Cast, clock: TestClock, host: CalendarHost
) -> None:
    keep(shifts(), host, turns("Ada", "Ada", "Ada"), cast, clock)
    with transaction():
        override.add(
            schedule_id=the_schedule().id, start=utc("2026-11-16 15:00"), end=utc("2026-11-17 15:00"),
            user_id=cast.ben.id, replaces_user_id=cast.ada.id, by=db.session.merge(cast.mara), at=clock(),
        )  # fmt: skip
    host.body = turns("Ada", "Ada", "Dan")
    clock.advance(hours=1)
    jobs.read_calendars()
    assert who_has_them() == ["Ben", "Ada", "Dan"]


@pytest.mark.parametrize("broken", ["<html>Sign in</html>", "Zoe"])
def test_a_calendar_that_cannot_be_used_leaves_the_last_good_one_and_is_told_once(
    cast: Cast, clock: TestClock, host: CalendarHost, broken: str
) -> None:
    keep(shifts(), host, turns("Ada", "Ben", "Ada"), cast, clock)
    good = clock()
    host.body = turns("Ada", "Ben", "Zoe") if broken == "Zoe" else broken.encode()
    for _ in range(3):
        clock.advance(hours=1)
        jobs.read_calendars()
    assert who_has_them() == ["Ada", "Ben", "Ada"]
    assert (source().read_at, source().failing_since) == (good, good + HOUR)
    assert ("“Zoe”" if broken == "Zoe" else "not a calendar") in source().problem
    assert notices() == ["The calendar for Payments cannot be read"]
    host.body = turns("Ada", "Ben", "Ben")
    clock.advance(hours=1)
    jobs.read_calendars()
    assert (source().problem, source().failing_since, who_has_them()) == ("", None, ["Ada", "Ben", "Ben"])


def test_a_server_that_is_away_for_two_hours_is_on_the_screen_and_wakes_nobody(
    cast: Cast, clock: TestClock, host: CalendarHost
) -> None:
    keep(shifts(), host, turns("Ada"), cast, clock)
    host.status = 503
    for told in (
        [],
        [],
        ["The calendar for Payments cannot be read"],
        ["The calendar for Payments cannot be read"],
    ):
        clock.advance(hours=1)
        jobs.read_calendars()
        assert source().problem == "That address answered 503."
        assert notices() == told


def test_more_than_5_MB_are_not_taken(cast: Cast, clock: TestClock, host: CalendarHost) -> None:
    keep(shifts(), host, turns("Ada"), cast, clock)
    host.body = b"BEGIN:VCALENDAR\r\n" + b"X" * 6_000_000
    clock.advance(hours=1)
    jobs.read_calendars()
    assert source().problem == "The file is over 5 MB."
    assert len(db.session.scalars(sa.select(Override)).all()) == 1


def test_holidays_come_from_a_calendar_beside_those_that_were_typed(
    cast: Cast, clock: TestClock, host: CalendarHost
) -> None:
    with transaction():
        fairness.change_rules(
            the_schedule(), weights={}, holidays=["2026-12-31"], by=db.session.merge(cast.mara), at=clock()
        )
    all_day = ";VALUE=DATE"
    christmas = event("20261224", "20261227", "Christmas", params=all_day)
    party = event("20261218T180000", "20261218T220000", "Party")
    keep(Target(CalendarUse.HOLIDAYS, the_schedule()), host, ics(christmas, party), cast, clock)
    days = {date(2026, 12, day) for day in (24, 25, 26, 31)}
    assert fairness.rules_of(the_schedule().id).holidays == days
    assert fairness.imported_holidays(the_schedule().id)[date(2026, 12, 25)] == "Christmas"
    host.body = ics(event("20261225", "20261226", "Christmas Day", params=all_day))
    clock.advance(hours=1)
    jobs.read_calendars()
    assert fairness.rules_of(the_schedule().id).holidays == {date(2026, 12, 25), date(2026, 12, 31)}
    assert fairness.typed_holidays(the_schedule().id) == ["2026-12-31"]


def test_R1_time_off_is_read_again_and_not_for_somebody_who_has_left(
    cast: Cast, clock: TestClock, host: CalendarHost
) -> None:
    away = event("20261120", "20261121", "Dentist", params=";VALUE=DATE")
    keep(Target(CalendarUse.TIME_OFF, db.session.get_one(User, cast.ada.id)), host, ics(away), cast, clock)
    host.body = ics(away, event("20261124", "20261125", "Rome", params=";VALUE=DATE"))
    clock.advance(hours=1)
    jobs.read_calendars()
    assert [(row.user_id, row.note) for row in db.session.scalars(sa.select(TimeOff))] == [
        (cast.ada.id, "")
    ] * 2
    with transaction():
        db.session.get_one(User, cast.ada.id).is_active = False
    clock.advance(hours=1)
    jobs.read_calendars()
    assert host.asked == 1


def test_a_file_with_unknown_names_is_not_kept_and_a_stopped_one_is_not_read(
    cast: Cast, clock: TestClock, host: CalendarHost
) -> None:
    with pytest.raises(UnknownNames, match="Zoe"):
        calendar_sources.look(shifts(), turns("Zoe"), at=clock())
    with pytest.raises(UnreadableCalendar):
        calendar_sources.look(shifts(), b"nothing", at=clock())
    keep(shifts(), host, turns("Ada"), cast, clock)
    for _ in range(2):
        with transaction():
            calendar_sources.stop(shifts(), by=db.session.merge(cast.mara), at=clock())
    clock.advance(hours=1)
    assert (jobs.read_calendars(), host.asked, who_has_them()[0]) == (0, 0, "Ada")


def test_an_address_goes_with_its_schedule_and_one_sealed_under_another_key_is_asked_for_again(
    app: APIFlask, cast: Cast, clock: TestClock, host: CalendarHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(shifts(), host, turns("Ada"), cast, clock)
    with monkeypatch.context() as other:
        other.setitem(app.config, "settings", replace(app.config["settings"], secret_key="another"))
        clock.advance(hours=1)
        jobs.read_calendars()
    assert (source().problem, host.asked) == (
        "The address was kept under another secret key. Give it again.",
        0,
    )
    with transaction():
        remove.remove_schedule(the_schedule(), by=db.session.merge(cast.mara), at=clock())
    assert db.session.scalars(sa.select(CalendarSource)).all() == []
