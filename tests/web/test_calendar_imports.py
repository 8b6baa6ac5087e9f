"""Importing a calendar by form: a file or an address, by whom it may be, and what it says when it cannot."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.engine import jobs
from app.oncall.models import Override, Schedule, TimeOff
from app.people.models import User
from tests.support.browser_forms import post
from tests.support.calendar_host import calendar_host
from tests.support.cast import make
from tests.support.world import World

SeenBy = Callable[[User], FlaskClient]
FILE = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:%s\r\n"
    b"DTSTART:20261114T090000Z\r\nDTEND:20261115T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def path(world: World) -> str:
    with transaction():
        schedule = make(
            Schedule, name="Payments", team_id=world.cast.payments.id, time_zone="UTC", layers=[],
            created_at=world.now, updated_at=world.now,
        )  # fmt: skip
    return f"/schedules/{schedule.id}/import"


def bring(client: FlaskClient, path: str, **fields: Any) -> Any:
    return post(client, path, fields, page=path)


def test_a_manager_brings_a_file_in(world: World, seen_by: SeenBy, path: str) -> None:
    answer = bring(seen_by(world.cast.mara), path, file=(BytesIO(FILE % b"Ada"), "shifts.ics"))
    assert answer.status_code == 303
    assert db.session.scalars(sa.select(Override.user_id)).all() == [world.cast.ada.id]


def test_a_name_nobody_has_is_told_and_nothing_is_brought_in(world: World, seen_by: SeenBy, path: str) -> None:
    answer = bring(seen_by(world.cast.mara), path, file=(BytesIO(FILE % b"Zoe"), "shifts.ics"))
    assert answer.status_code == 422
    assert "Nobody here is called “Zoe”" in answer.text
    assert db.session.scalars(sa.select(Override)).all() == []


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "Choose a file"),
        ("http://calendar.example/x.ics", "only https"),
        ("https://127.0.0.1/x.ics", "not public"),
        ("webcal://localhost/x.ics", "not public"),
        ("file:///etc/passwd", "not a plain web address"),
    ],
)
def test_SEC1_an_address_that_leads_inside_is_not_called(
    world: World, seen_by: SeenBy, path: str, address: str, says: str
) -> None:
    answer = bring(seen_by(world.cast.mara), path, address=address)
    assert answer.status_code == 422
    assert says in answer.text


def test_an_address_is_kept_told_of_and_stopped(
    app: APIFlask, world: World, seen_by: SeenBy, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    holidays = path.replace("/import", "/holidays/import")
    mara = seen_by(world.cast.mara)
    with calendar_host() as host:
        settings = replace(app.config["settings"], private_hosts=(host.host,))
        monkeypatch.setitem(app.config, "settings", settings)
        host.body = FILE.replace(b"DTSTART:20261114T090000Z", b"DTSTART;VALUE=DATE:20261225") % b"Christmas Day"
        host.body = host.body.replace(b"DTEND:20261115T090000Z", b"DTEND;VALUE=DATE:20261226")
        assert bring(mara, holidays, address=host.address, keep="1").status_code == 303
        fairness = mara.get(holidays.replace("holidays/import", "fairness")).text
        assert "Fri 25 Dec 2026 · Christmas Day" in fairness
        host.status = 404
        world.clock.advance(hours=1)
        jobs.read_calendars()
    page = mara.get(holidays).text
    assert "Thu 12 Nov, 03:10 GMT: 1 holiday" in page
    assert "That address answered 404." in page
    assert "private-3f9c" not in page
    assert post(mara, f"{holidays}/removal", {}, page=holidays).status_code == 303
    assert "Read every hour" not in mara.get(holidays).text
    assert post(seen_by(world.cast.ada), f"{holidays}/removal", {}, page="/me").status_code == 403


def test_only_who_edits_rotations_imports_and_each_only_their_own_time_off(
    world: World, seen_by: SeenBy, path: str
) -> None:
    assert seen_by(world.cast.ada).get(path).status_code == 403
    assert seen_by(world.cast.eli).get("/me/time-off/import").status_code == 403
    assert seen_by(world.cast.mara).get("/schedules/99/import").status_code == 404
    answer = bring(seen_by(world.cast.ada), "/me/time-off/import", file=(BytesIO(FILE % b"Rome"), "mine.ics"))
    assert answer.status_code == 303
    row = db.session.scalars(sa.select(TimeOff)).one()
    assert (row.user_id, row.note) == (world.cast.ada.id, "")
