"""Cover in the browser, as plain forms: asked, accepted, approved, and what the wrong person is told."""

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.domain.words import SwapState
from app.people.models import User
from tests.support.browser_forms import post, sign_in
from tests.support.clock import TestClock
from tests.support.oncall import utc
from tests.support.rota import NIGHT_END, NIGHT_START, Rota

NIGHT = {"start": NIGHT_START.isoformat(), "end": NIGHT_END.isoformat()}


@pytest.fixture
def rota(app: APIFlask, clock: TestClock) -> Rota:
    return Rota(clock, needs_approval=True)


def browser(app: APIFlask, user: User) -> FlaskClient:
    client = app.test_client()
    sign_in(client, user)
    return client


def test_D9_asking_shows_hours_weight_and_who_could_take_them(app: APIFlask, rota: Rota) -> None:
    page = browser(app, rota.ana).get("/swaps/new", query_string={"schedule": rota.schedule.id, **NIGHT}).text
    assert "Sat 31 Oct, 18:00 CDT – Sun 1 Nov, 08:00 CST" in page
    assert "15 h, clocks go back in these hours, counts as 30: weekend and night" in page
    assert "until someone accepts and Mara approves. First yes wins." in page
    assert "Fairest" in page
    assert f'value="{rota.bo.id}"' in page


def test_a_swap_goes_from_asking_to_approval_by_plain_forms(app: APIFlask, rota: Rota) -> None:
    ana, bo, mara = (browser(app, user) for user in (rota.ana, rota.bo, rota.mara))
    fields = {"schedule_id": rota.schedule.id, "to": rota.bo.id, "note": "A wedding.", **NIGHT}
    asked = post(ana, "/swaps", fields, page="/swaps/new")
    assert (asked.status_code, asked.location) == (303, "/swaps/1")
    assert "You are asked" in bo.get("/swaps").text
    assert "Accept" in bo.get("/swaps/1").text
    assert post(bo, "/swaps/1/acceptance", {}, page="/swaps/1").status_code == 303
    assert "Undo: give it back" in bo.get("/swaps/1").text
    assert rota.on_call(NIGHT_START) == "Ana"
    assert "Waits for your approval" in mara.get("/swaps").text
    assert post(bo, "/swaps/1/approval", {}, page="/swaps/1").status_code == 403
    assert post(mara, "/swaps/1/approval", {}, page="/me").status_code == 303
    assert rota.on_call(NIGHT_START) == "Bo"
    assert "Mara approved" in ana.get("/swaps/1").text


def test_R18_the_second_to_accept_reads_who_was_first(app: APIFlask, rota: Rota) -> None:
    asked = rota.ask()
    for user in (rota.bo, rota.cy):
        client = browser(app, user)
        post(client, f"/swaps/{asked.id}/acceptance", {}, page="/me")
        page = client.get(f"/swaps/{asked.id}").text
    assert "Already taken by Bo, 0 s ago. You are not on call." in page


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"end": NIGHT["start"]}, "at least a minute after"),
        ({"start": "then"}, "Say from when to when."),
        ({"start": "2026-10-27T00:00:00Z"}, "take over now"),
        ({"start": utc("2026-11-03 00:00").isoformat(), "end": utc("2026-11-04 00:00").isoformat()}, "nothing"),
        ({"to": "999"}, "there is no such person"),
    ],
)
def test_what_makes_no_sense_is_said_above_the_form(
    app: APIFlask, rota: Rota, changes: dict[str, str], says: str
) -> None:
    fields = {"schedule_id": rota.schedule.id, **NIGHT} | changes
    answer = post(browser(app, rota.ana), "/swaps", fields, page="/swaps/new")
    assert answer.status_code == 422
    assert says in answer.text


def test_a_stranger_finds_no_swap_and_whoever_has_no_shift_is_told(app: APIFlask, rota: Rota) -> None:
    asked = rota.ask()
    dan = browser(app, rota.dan)
    assert dan.get(f"/swaps/{asked.id}").status_code == 404
    assert "You have no shift in the next 92 days" in dan.get("/swaps/new").text
    assert "Nobody asks for cover." in dan.get("/swaps").text


def test_R27_the_owner_objects_and_the_taker_releases_by_one_tap(app: APIFlask, rota: Rota) -> None:
    rota.rule()
    asked = rota.ask(by=rota.mara)
    bo, ana = browser(app, rota.bo), browser(app, rota.ana)
    post(bo, f"/swaps/{asked.id}/acceptance", {}, page="/me")
    rota.forward(minutes=11)
    assert "Release these hours" in bo.get(f"/swaps/{asked.id}").text
    assert post(bo, f"/swaps/{asked.id}/objection", {}, page="/me").status_code == 403
    assert "I keep these hours" in ana.get(f"/swaps/{asked.id}").text
    post(ana, f"/swaps/{asked.id}/objection", {}, page=f"/swaps/{asked.id}")
    assert rota.on_call(NIGHT_START) == "Ana"


def test_R18_take_over_now_from_the_browser(app: APIFlask, rota: Rota) -> None:
    cy = browser(app, rota.cy)
    assert post(cy, "/swaps/takeover", {"schedule_id": rota.schedule.id}, page="/me").status_code == 303
    assert rota.on_call(rota.clock()) == "Cy"
    again = post(cy, "/swaps/takeover", {"schedule_id": rota.schedule.id}, page="/me")
    assert again.location == "/on-call"
    assert post(cy, "/swaps/takeover", {"schedule_id": 999}, page="/me").status_code == 404


def test_R22_undo_and_cancel_by_one_tap(app: APIFlask, rota: Rota) -> None:
    asked = rota.ask()
    bo, ana = browser(app, rota.bo), browser(app, rota.ana)
    post(bo, f"/swaps/{asked.id}/acceptance", {}, page="/me")
    post(bo, f"/swaps/{asked.id}/undo", {}, page="/me")
    post(bo, f"/swaps/{asked.id}/decline", {}, page="/me")
    post(ana, f"/swaps/{asked.id}/cancellation", {}, page="/me")
    assert "Cancelled" in ana.get(f"/swaps/{asked.id}").text
    assert rota.events(asked)[-1][0] == "cancelled"
    assert asked.state is SwapState.CANCELLED
