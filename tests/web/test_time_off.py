"""Time off in the browser: entered, looked at, ended, by whom it may be, and the way to asking for cover."""

import html
import re

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db
from app.oncall.models import TimeOff
from app.people.models import User
from tests.support.browser_forms import post, sign_in
from tests.support.clock import TestClock
from tests.support.oncall import utc
from tests.support.rota import NIGHT_END, NIGHT_START, Rota

MINE = "/me/time-off"
WEEKEND = {"start": "2026-10-31T18:00", "end": "2026-11-01T08:00", "note": "A wedding."}  # Chicago


@pytest.fixture
def rota(app: APIFlask, clock: TestClock) -> Rota:
    return Rota(clock)


def browser(app: APIFlask, user: User) -> FlaskClient:
    client = app.test_client()
    sign_in(client, user)
    return client


def rows() -> list[tuple[int, str, str]]:
    return [
        (row.user_id, row.start.isoformat(), row.end.isoformat())
        for row in db.session.scalars(sa.select(TimeOff).order_by(TimeOff.id))
    ]


def test_R1_looking_says_which_turns_it_would_hit_and_enters_nothing(app: APIFlask, rota: Rota) -> None:
    page = post(browser(app, rota.ana), MINE, WEEKEND | {"press": "look"}, page=MINE)
    assert page.status_code == 200
    assert "It would hit 1 turn" in page.text
    assert "Payments primary: <b>Sat 31 Oct, 18:00 CDT – Sun 1 Nov, 08:00 CST</b>" in page.text
    assert "Nobody would have 15 h of it." in page.text
    assert "Cy and Bo could cover, fairest first." in page.text
    assert 'value="2026-10-31T18:00"' in page.text
    assert rows() == []


def test_R1_time_off_is_entered_in_the_own_zone_and_leads_to_asking_for_cover(
    app: APIFlask, rota: Rota
) -> None:
    ana = browser(app, rota.ana)
    assert post(ana, MINE, WEEKEND, page=MINE).status_code == 303
    assert rows() == [(rota.ana.id, NIGHT_START.isoformat(), NIGHT_END.isoformat())]
    assert rota.on_call(NIGHT_START) == ""
    page = ana.get(MINE).text
    assert "“A wedding.”" in page
    ask = re.search(r'href="(/swaps/new[^"]+)"', page)
    assert ask is not None
    asking = ana.get(html.unescape(ask.group(1))).text
    assert "Sat 31 Oct, 18:00 CDT – Sun 1 Nov, 08:00 CST" in asking
    fields = {"schedule_id": rota.schedule.id, "start": NIGHT_START.isoformat(), "end": NIGHT_END.isoformat()}
    post(ana, "/swaps", fields, page=MINE)
    assert "Asked: see how it stands" in ana.get(MINE).text
    post(browser(app, rota.bo), "/swaps/1/acceptance", {}, page="/me")
    assert "No turn without cover in these hours." in ana.get(MINE).text


def test_a_turn_can_be_asked_for_when_time_off_has_taken_every_other_one(app: APIFlask, rota: Rota) -> None:
    ana = browser(app, rota.ana)
    post(ana, MINE, {"start": "2026-10-28T10:00", "end": "2027-03-01T00:00"}, page=MINE)
    hours = {"start": NIGHT_START.isoformat(), "end": NIGHT_END.isoformat()}
    page = ana.get("/swaps/new", query_string={"schedule": rota.schedule.id, **hours})
    assert "15 h, clocks go back in these hours" in page.text


def test_one_that_runs_ends_now_and_one_to_come_goes_away(app: APIFlask, rota: Rota) -> None:
    ana = browser(app, rota.ana)
    post(ana, MINE, WEEKEND, page=MINE)
    rota.until(utc("2026-11-01 01:00"))
    assert "I am back" in ana.get(MINE).text
    assert post(ana, f"{MINE}/1/removal", {}, page=MINE).status_code == 303
    assert rows() == [(rota.ana.id, NIGHT_START.isoformat(), utc("2026-11-01 01:01").isoformat())]
    rota.forward(minutes=2)
    assert rota.on_call(rota.clock()) == "Ana"
    post(ana, f"{MINE}/1/removal", {}, page=MINE)
    assert "This time off has ended. What was is not changed." in ana.get(MINE).text
    post(ana, MINE, {"start": "2026-12-24T00:00", "end": "2026-12-27T00:00"}, page=MINE)
    post(ana, f"{MINE}/2/removal", {}, page=MINE)
    assert len(rows()) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"start": "then"}, "Say a day and an hour."),
        ({"end": WEEKEND["start"]}, "at least a minute after"),
        ({"end": WEEKEND["start"], "press": "look"}, "at least a minute after"),
        ({"end": "2027-11-01T08:00", "press": "look"}, "at most 92 days"),
        ({"note": "x" * 1001}, "at most 1000 characters"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field_and_kept(
    app: APIFlask, rota: Rota, changes: dict[str, str], says: str
) -> None:
    answer = post(browser(app, rota.ana), MINE, WEEKEND | changes, page=MINE)
    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{(WEEKEND | changes)["end"]}"' in answer.text
    assert rows() == []


def test_L_TO_01_a_manager_enters_it_for_people_of_the_team_who_are_told(app: APIFlask, rota: Rota) -> None:
    mara, path = browser(app, rota.mara), f"/people/{rota.ana.id}/time-off"
    assert f'href="{path}"' in mara.get(f"/people/{rota.ana.id}").text
    # Mara's own clock: London, where clocks have gone back already
    fields = {"start": "2026-10-31T23:00", "end": "2026-11-01T14:00"}
    assert post(mara, path, fields, page=path).status_code == 303
    assert rows() == [(rota.ana.id, NIGHT_START.isoformat(), NIGHT_END.isoformat())]
    assert rota.told(rota.ana) == ["Mara entered time off for you"]
    assert "(Sat 31 Oct, 23:00 – Sun 1 Nov, 14:00" in mara.get(path).text.replace(" GMT", "")
    post(mara, f"{path}/1/removal", {}, page=path)
    assert rota.told(rota.ana)[-1] == "Mara removed your time off"
    assert rows() == []


def test_nobody_else_reads_or_ends_it_here(app: APIFlask, rota: Rota) -> None:
    ana, bo = browser(app, rota.ana), browser(app, rota.bo)
    post(ana, MINE, WEEKEND, page=MINE)
    path = f"/people/{rota.ana.id}/time-off"
    assert bo.get(path).status_code == 403
    assert post(bo, path, WEEKEND, page=MINE).status_code == 403
    assert post(bo, f"{path}/1/removal", {}, page=MINE).status_code == 403
    assert post(bo, f"{MINE}/1/removal", {}, page=MINE).status_code == 404
    assert f'href="{path}"' not in bo.get(f"/people/{rota.ana.id}").text
    assert browser(app, rota.mara).get("/people/999/time-off").status_code == 404
    assert len(rows()) == 1
