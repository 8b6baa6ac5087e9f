"""Calendar feeds: what a calendar program makes of them is what the resolver says; and who may read them."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import icalendar
import pytest
import recurring_ical_events
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.domain.words import Role
from app.oncall import feeds, override, queries, schedules
from app.oncall.models import CalendarFeed, Schedule
from app.people import change_user
from app.people.models import User
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.support.oncall import layer_json, utc

SeenBy = Callable[[User], FlaskClient]


@pytest.fixture
def cast(app: APIFlask, clock: TestClock) -> Cast:
    """Ada (with Ben behind her) and Ben take weekly turns in Chicago, over two clock changes."""
    clock.moment = utc("2026-09-15 12:00")
    with transaction():
        cast = Cast()
        turns = [[cast.ada.id, cast.ben.id], [cast.ben.id, cast.ada.id]]
        schedules.create(
            name="Payments primary", team_id=cast.payments.id, time_zone="America/Chicago", by=cast.mara,
            at=clock(), layers=[layer_json("2026-08-03T09:00", turns)],
        )  # fmt: skip
    return cast


def the_schedule() -> Schedule:
    return db.session.scalars(sa.select(Schedule)).one()


def subscribe(user: User, schedule: Schedule | None, at: datetime) -> str:
    with transaction():
        _, token = feeds.create(db.session.merge(user), schedule and db.session.merge(schedule), at=at)
    return f"/calendar/{token}.ics"


def read(client: FlaskClient, address: str) -> list[icalendar.Event]:
    answer = client.get(address)
    assert answer.status_code == 200
    return list(icalendar.Calendar.from_ical(answer.data).walk("VEVENT"))


def in_a_calendar_program(data: bytes, start: date, end: date) -> list[tuple[datetime, datetime, str]]:
    """What a program shows between two days: cancelled events are not shown."""
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(start, end)
    shown = [event for event in found if event.get("STATUS") != "CANCELLED"]
    return sorted((event["DTSTART"].dt, event["DTEND"].dt, str(event["SUMMARY"])) for event in shown)


def resolved(start: datetime, end: datetime) -> list[tuple[datetime, datetime, str]]:
    held, _ = queries.shifts(the_schedule().id, start, end)
    return [
        (shift.start, shift.end, f"Payments primary: {shift.people[0].name} (backup {shift.people[1].name})")
        for shift in held
    ]


def test_R29_a_calendar_program_shows_exactly_the_resolvers_shifts_over_two_clock_changes(
    client: FlaskClient, cast: Cast, clock: TestClock
) -> None:
    data = client.get(subscribe(cast.ada, the_schedule(), clock())).data
    # from the first of August to the first of April: clocks go back on 1 November and forward on 14 March
    expected = resolved(utc("2026-08-01 00:00"), utc("2027-04-01 00:00"))
    assert in_a_calendar_program(data, date(2026, 7, 1), date(2027, 5, 1)) == expected
    assert {end - start for start, end, _ in expected} >= {timedelta(hours=167), timedelta(hours=169)}


def test_R29_my_own_feed_has_my_shifts_and_nobody_elses(
    client: FlaskClient, cast: Cast, clock: TestClock
) -> None:
    events = read(client, subscribe(cast.dan, None, clock()))
    assert events == []
    mine = read(client, subscribe(cast.ada, None, clock()))
    assert {str(event["SUMMARY"]) for event in mine} == {"Payments primary", "Payments primary, backup"}


def test_a_feed_read_again_is_the_same_to_the_byte(client: FlaskClient, cast: Cast, clock: TestClock) -> None:
    address = subscribe(cast.ada, the_schedule(), clock())
    first = client.get(address)
    clock.advance(hours=5)
    second = client.get(address)
    assert first.data == second.data
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.head(address).status_code == 200
    assert b"\r\n" in first.data
    assert max(len(line) for line in first.data.split(b"\r\n")) <= 75
    assert re.search(rb"^REFRESH-INTERVAL;VALUE=DURATION:PT1H\r$", first.data, re.MULTILINE)


def test_a_shift_that_changes_keeps_its_identity_and_one_that_goes_is_sent_as_cancelled(
    client: FlaskClient, cast: Cast, clock: TestClock
) -> None:
    address = subscribe(cast.ada, the_schedule(), clock())
    before = {str(event["UID"]): event for event in read(client, address)}
    clock.advance(days=1)
    with transaction():
        override.add(
            schedule_id=the_schedule().id, start=utc("2026-09-21 14:00"), end=utc("2026-09-28 14:00"),
            user_id=cast.dan.id, replaces_user_id=cast.ada.id, by=cast.mara, at=clock(),
        )  # fmt: skip
    after = {str(event["UID"]): event for event in read(client, address)}
    changed = [uid for uid, event in after.items() if event["SEQUENCE"] > 0]
    assert len(changed) == 1
    assert set(after) == set(before)
    assert "Dan" in after[changed[0]]["SUMMARY"]
    assert after[changed[0]]["DTSTAMP"].dt == clock()
    mine = subscribe(cast.dan, None, clock())
    assert [str(event["STATUS"]) for event in read(client, mine)] == ["CONFIRMED"]
    with transaction():
        override.cancel(db.session.scalars(sa.select(override.Override)).one(), by=cast.mara, at=clock())
    (gone,) = read(client, mine)
    assert (str(gone["STATUS"]), gone["SEQUENCE"]) == ("CANCELLED", 1)
    clock.advance(days=32)
    assert read(client, mine) == []


def test_SEC31_no_feed_says_what_an_alert_says_and_json_is_there_for_programs(
    client: FlaskClient, cast: Cast, clock: TestClock
) -> None:
    address = subscribe(cast.ada, the_schedule(), clock())
    answer = client.get(address, headers={"Accept": "application/json"})
    assert answer.headers["Cache-Control"] == "no-store"
    first: dict[str, Any] = answer.get_json()["items"][0]
    assert set(first) == {"start", "end", "schedule", "users"}
    assert [user["role"] for user in first["users"]] == ["primary", "backup"]
    assert b"DESCRIPTION" not in client.get(address).data


def test_SEC31_an_ended_an_unknown_and_a_departed_persons_address_are_not_there(
    client: FlaskClient, cast: Cast, clock: TestClock
) -> None:
    ended, left = subscribe(cast.ada, None, clock()), subscribe(cast.ben, None, clock())
    with transaction():
        feed = db.session.scalars(sa.select(CalendarFeed).where(CalendarFeed.user_id == cast.ada.id)).one()
        feeds.revoke(feed, by=cast.ada, at=clock())
        change_user.let_go(db.session.merge(cast.ben), by=cast.root, at=clock())
    for address in (ended, left, "/calendar/nbc_unknown.ics", "/calendar/x.ics"):
        assert client.get(address).status_code == 404


def test_SEC17_a_feed_holds_while_its_person_may_look(
    client: FlaskClient, cast: Cast, clock: TestClock
) -> None:
    address = subscribe(cast.ada, the_schedule(), clock())
    with transaction():
        db.session.merge(cast.ada).role = Role.STAKEHOLDER
    assert client.get(address).status_code == 200  # stakeholders see who is on call
    with transaction():
        db.session.merge(cast.ada).is_active = False
    assert client.get(address).status_code == 404


def test_SEC31_an_address_is_kept_as_a_hash_and_read_no_more_than_thirty_times_a_minute(
    client: FlaskClient, cast: Cast, clock: TestClock
) -> None:
    address = subscribe(cast.ada, None, clock())
    row = db.session.scalars(sa.select(CalendarFeed)).one()
    assert row.token_hash not in address
    assert address.removeprefix("/calendar/").removesuffix(".ics") not in str(row.__dict__)
    answers = [client.get(address).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]


def test_a_person_makes_and_ends_addresses_of_their_own_alone(
    cast: Cast, clock: TestClock, seen_by: SeenBy
) -> None:
    ada, ben = seen_by(cast.ada), seen_by(cast.ben)
    made = post(ada, "/me/calendars", {"schedule_id": str(the_schedule().id)}, page="/me/calendars")
    found = re.search(r"/calendar/nbc_[\w-]+\.ics", made.text)
    assert found is not None
    assert ada.get(found[0]).status_code == 200
    assert found[0] not in ada.get("/me/calendars").text
    number = db.session.scalars(sa.select(CalendarFeed.id)).one()
    assert post(ben, f"/me/calendars/{number}/removal", {}, page="/me/calendars").status_code == 404
    assert post(ada, f"/me/calendars/{number}/removal", {}, page="/me/calendars").status_code == 303
    assert ada.get(found[0]).status_code == 404
    assert post(ada, "/me/calendars", {"schedule_id": "99"}, page="/me/calendars").status_code == 404


def test_SEC31_a_program_makes_reads_and_ends_its_own_addresses(client: FlaskClient, cast: Cast) -> None:
    ada, ben = Api(client, cast.ada), Api(client, cast.ben)
    assert_problem(ada.post("/calendars", {"schedule_id": "999"}), 422, "#/schedule_id")
    made = ada.post("/calendars", {"schedule_id": str(the_schedule().id)}).get_json()
    assert made["schedule"]["name"] == "Payments primary"
    address = "/" + made.pop("url").partition("//")[2].partition("/")[2]
    assert read(client, address)
    (listed,) = ada.get("/calendars").get_json()["items"]
    assert (listed["id"], "url" in listed, listed["last_used_at"] is not None) == (made["id"], False, True)
    assert ben.get("/calendars").get_json()["items"] == []
    path = f"/calendars/{made['id']}"
    assert_problem(ben.get(path), 404)
    assert_problem(ben.delete(path), 404)
    assert ada.delete(path).status_code == 204
    assert_problem(ada.delete(path), 404)
    assert client.get(address).status_code == 404
    assert ada.post("/calendars", {}).get_json()["schedule"] is None
