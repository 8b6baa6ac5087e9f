"""The sheet of one shift: who, why, how long; cover asked from it, somebody put on its hours and taken off."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.oncall import override
from app.oncall.models import Override
from app.people.models import User
from tests.support.browser_forms import post, sign_in
from tests.support.clock import TestClock
from tests.support.oncall import utc
from tests.support.rota import Rota

SHEET = "?at=2026-10-31T20:00Z"


@pytest.fixture
def rota(app: APIFlask, clock: TestClock) -> Rota:
    return Rota(clock)


def browser(app: APIFlask, user: User) -> FlaskClient:
    client = app.test_client()
    sign_in(client, user)
    return client


def test_R8_a_shift_says_its_real_hours_over_a_clock_change_and_why(app: APIFlask, rota: Rota) -> None:
    page = browser(app, rota.ana).get(f"/shifts/{rota.schedule.id}{SHEET}").text
    assert "169 h, clocks go back in these hours, counts as" in page
    assert "Mon 26 Oct, 09:00 CDT – Mon 2 Nov, 09:00 CST" in page
    assert "Ana’s turn" in page
    assert "Ask for cover" in page
    assert "Put somebody on these hours" not in page
    other = browser(app, rota.bo).get(f"/shifts/{rota.schedule.id}{SHEET}").text
    assert "Ask for cover" not in other


def test_a_manager_puts_somebody_on_hours_and_takes_them_off_again(app: APIFlask, rota: Rota) -> None:
    mara, sheet = browser(app, rota.mara), f"/shifts/{rota.schedule.id}{SHEET}"
    assert "Ask for cover on behalf of Ana" in mara.get(sheet).text
    fields = {
        "user_id": rota.cy.id, "replaces_user_id": rota.ana.id, "start": "2026-10-31T20:00Z",
        "end": "2026-11-01T02:00Z",
    }  # fmt: skip
    address = f"/schedules/{rota.schedule.id}/overrides"
    assert post(browser(app, rota.bo), address, fields, page="/me").status_code == 403
    assert post(mara, address, fields, page=sheet).status_code == 303
    assert (rota.on_call(utc("2026-10-31 21:00")), rota.on_call(utc("2026-11-01 03:00"))) == ("Cy", "Ana")
    page = mara.get(f"/shifts/{rota.schedule.id}?at=2026-10-31T21:00Z").text
    assert "Cy for Ana" in page
    number = db.session.scalars(sa.select(Override.id)).one()
    assert "Take it back" in page
    assert "Take it back" not in browser(app, rota.bo).get(f"/shifts/{rota.schedule.id}{SHEET}").text
    assert post(browser(app, rota.bo), f"/overrides/{number}/removal", {}, page="/me").status_code == 403
    for status in (303, 404):
        assert post(mara, f"/overrides/{number}/removal", {}, page="/me").status_code == status
    assert rota.on_call(utc("2026-10-31 21:00")) == "Ana"


def test_hours_that_make_no_sense_change_nothing_and_are_said(app: APIFlask, rota: Rota) -> None:
    mara, address = browser(app, rota.mara), f"/schedules/{rota.schedule.id}/overrides"
    for wrong, says in (
        ({"start": "", "end": "x", "user_id": rota.cy.id}, "Say from when to when."),
        ({"start": "2026-11-01T02:00Z", "end": "2026-11-01T01:00Z", "user_id": rota.cy.id}, "Nothing changed"),
        ({"start": "2026-11-01T02:00Z", "end": "2026-11-01T03:00Z", "user_id": 999}, "Nothing changed"),
    ):
        answer = post(mara, address, wrong, page="/me")
        assert says in mara.get(answer.location).text
    assert db.session.scalars(sa.select(Override)).all() == []
    assert mara.get("/shifts/99").status_code == 404


def test_R5_a_gap_has_a_sheet_and_somebody_of_the_team_takes_it_from_the_board(
    app: APIFlask, rota: Rota
) -> None:
    start, end = rota.clock(), rota.clock() + timedelta(hours=3)
    gap = {"schedule_id": rota.schedule.id, "start": start, "end": end, "replaces_user_id": rota.ana.id}
    with transaction():
        override.add(**gap, by=rota.mara, at=rota.clock())
    bo = browser(app, rota.bo)
    assert "Nobody on call" in bo.get(f"/shifts/{rota.schedule.id}").text
    board = bo.get("/on-call").text
    assert "Take it until Wed 12:00" in board
    assert "Take it until" not in browser(app, rota.dan).get("/on-call").text
    fields = {"user_id": rota.bo.id, "start": start.isoformat(), "end": end.isoformat()}
    assert post(bo, f"/schedules/{rota.schedule.id}/overrides", fields, page="/on-call").status_code == 303
    assert rota.on_call(rota.clock()) == "Bo"
