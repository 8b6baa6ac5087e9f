"""A foreign calendar comes in whole and right, or not at all and with every reason."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import db, transaction
from app.oncall import calendar_import, queries, schedules, time_off
from app.oncall.calendar_in import UnreadableCalendar, entries
from app.oncall.models import Override, Schedule, TimeOff
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.support.oncall import utc

CHICAGO = ZoneInfo("America/Chicago")
YEAR = (utc("2026-01-01 00:00"), utc("2027-01-01 00:00"))


def ics(*events: str, more: str = "") -> bytes:
    """A calendar of these events, each the lines of one."""
    body = "".join(f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT\n" for number, event in enumerate(events))
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n{more}{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def event(start: str, end: str, title: str = "Ada", *, params: str = "") -> str:
    return f"SUMMARY:{title}\nDTSTART{params}:{start}\nDTEND{params}:{end}"


def spans(data: bytes) -> list[tuple[str, str]]:
    found = entries(data, zone=CHICAGO, start=YEAR[0], end=YEAR[1])
    return [(f"{one.start:%m-%d %H:%M}", f"{one.end:%m-%d %H:%M}") for one in found]


def test_a_time_without_a_zone_is_the_schedules_own_and_utc_is_utc() -> None:
    floating, fixed = event("20261112T090000", "20261112T170000"), event("20261112T090000Z", "20261112T170000Z")
    assert spans(ics(floating)) == [("11-12 15:00", "11-12 23:00")]
    assert spans(ics(fixed)) == [("11-12 09:00", "11-12 17:00")]


def test_a_zone_by_its_windows_name_is_known() -> None:
    data = ics(event("20261112T090000", "20261112T170000", params=";TZID=W. Europe Standard Time"))
    assert spans(data) == [("11-12 08:00", "11-12 16:00")]


def test_an_all_day_event_runs_from_midnight_to_midnight_there() -> None:
    # clocks in Chicago go back on 1 November: that day has 25 hours
    (found,) = entries(
        ics(event("20261101", "20261102", params=";VALUE=DATE")), zone=CHICAGO, start=YEAR[0], end=YEAR[1]
    )
    assert found.end - found.start == timedelta(hours=25)


def test_R8_what_repeats_keeps_its_wall_clock_over_a_clock_change() -> None:
    daily = (
        event("20261030T090000", "20261031T090000", params=";TZID=America/Chicago")
        + "\nRRULE:FREQ=DAILY;COUNT=4"
    )
    found = entries(ics(daily), zone=CHICAGO, start=YEAR[0], end=YEAR[1])
    assert [one.end - one.start for one in found] == [timedelta(hours=hours) for hours in (24, 25, 24, 24)]


def test_a_cancelled_event_and_an_excluded_day_are_left_out() -> None:
    gone = event("20261112T090000Z", "20261112T170000Z") + "\nSTATUS:CANCELLED"
    daily = (
        event("20261113T090000Z", "20261113T170000Z") + "\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261114T090000Z"
    )
    assert [start for start, _ in spans(ics(gone, daily))] == ["11-13 09:00", "11-15 09:00"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a calendar"),
        (b"\x00\xff" * 100, "not a calendar"),
        (b"<html>", "not a calendar"),
        (b"BEGIN:VCALENDAR\r\n" * 100_000, "nested"),
        (b"x" * (5 * 1024 * 1024 + 1), "over 5 MB"),
        (ics(*["SUMMARY:x"] * 5001), "More than 5000"),
        (ics(event("20261112T090000Z", "20261112T100000Z") + "\nRRULE:FREQ=SECONDLY"), "more often than daily"),
        (ics(event("20261112T090000Z", "20261112T100000Z") + "\nRRULE:FREQ=HOURLY;INTERVAL=1"), "more often"),
        (ics(event("20261112T090000Z", "20261112T080000Z")), "ends before it begins"),
        (ics("SUMMARY:no times"), "cannot be read"),
        (ics(event("20261112T090000Z", "20261112T100000Z") + "\nRRULE:FREQ=NEVER"), "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(data: bytes, says: str) -> None:
    with pytest.raises(UnreadableCalendar, match=says):
        entries(data, zone=CHICAGO, start=YEAR[0], end=YEAR[1])


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


def bring(cast: Cast, clock: TestClock, data: bytes) -> calendar_import.Reading:
    with transaction():
        reading = calendar_import.read(the_schedule(), data, at=clock())
        if not reading.problems:
            calendar_import.bring_in(the_schedule(), reading, by=db.session.merge(cast.mara), at=clock())
    return reading


def test_R29_imported_hours_are_on_call_with_their_reason(app: APIFlask, cast: Cast, clock: TestClock) -> None:
    guest = event("20261114T090000", "20261115T090000", "Weekend") + "\nATTENDEE:mailto:BEN@nightbell.example"
    bring(cast, clock, ics(event("20261113T090000", "20261114T090000", "On call: Ada"), guest))
    held, _ = queries.shifts(the_schedule().id, utc("2026-11-13 00:00"), utc("2026-11-16 00:00"))
    assert [shift.people[0].name for shift in held] == ["Ada", "Ben"]
    assert "imported calendar" in held[0].people[0].reasons[0]


def test_an_event_that_names_nobody_here_stops_the_whole_import(
    app: APIFlask, cast: Cast, clock: TestClock
) -> None:
    good, bad = event("20261113T090000", "20261114T090000"), event("20261114T090000", "20261115T090000", "Zoë")
    reading = bring(cast, clock, ics(good, bad))
    assert reading.problems == ("Nobody here is called “Zoë” (Sat 14 Nov, 09:00 CST).",)
    assert db.session.scalars(sa.select(Override)).all() == []


def test_importing_again_replaces_what_has_not_happened(app: APIFlask, cast: Cast, clock: TestClock) -> None:
    bring(cast, clock, ics(event("20261112T090000", "20261120T090000", "Ada")))
    clock.moment = utc("2026-11-15 12:00")
    served = queries.shifts(the_schedule().id, utc("2026-11-12 00:00"), clock())
    bring(cast, clock, ics(event("20261112T090000", "20261120T090000", "Ben")))
    held, _ = queries.shifts(the_schedule().id, utc("2026-11-12 00:00"), utc("2026-11-21 00:00"))
    assert [shift.people[0].name for shift in held] == ["Ada", "Ben"]
    assert queries.shifts(the_schedule().id, utc("2026-11-12 00:00"), clock()) == served


def test_R1_time_off_from_a_calendar_takes_the_place_of_what_came_from_it_before(
    app: APIFlask, cast: Cast, clock: TestClock
) -> None:
    with transaction():
        time_off.add(
            user_id=cast.ada.id,
            start=utc("2026-12-24 00:00"),
            end=utc("2026-12-27 00:00"),
            by=cast.ada,
            at=clock(),
        )
    for title, count in ((("Dentist", "Holiday"), 3), (("Dentist",), 2)):
        data = ics(
            *(event(f"2026111{n}T090000Z", f"2026111{n}T170000Z", t) for n, t in enumerate(title, start=2))
        )
        with transaction():
            ada = db.session.merge(cast.ada)
            calendar_import.bring_time_off(
                ada, calendar_import.absences(ada, data, at=clock()), by=ada, at=clock()
            )
        rows = db.session.scalars(sa.select(TimeOff)).all()
        assert len(rows) == count
        assert {row.note for row in rows} == {""}


def test_our_own_feeds_come_back_in(app: APIFlask, cast: Cast, clock: TestClock) -> None:
    """What one Nightbell gives out another takes in: titles are "Schedule: Name"."""
    reading = bring(cast, clock, ics(event("20261113T090000Z", "20261114T090000Z", "Payments primary: Ada")))
    assert [user.name for _, user in reading.shifts] == ["Ada"]
