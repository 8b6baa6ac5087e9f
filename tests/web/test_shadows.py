"""The shadows of a schedule in the browser and by program: added, shown as shadow, ended, refused."""

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.people.models import User
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post, sign_in
from tests.support.clock import TestClock
from tests.support.rota import Rota


@pytest.fixture
def rota(app: APIFlask, clock: TestClock) -> Rota:
    return Rota(clock)


def browser(app: APIFlask, user: User) -> FlaskClient:
    client = app.test_client()
    sign_in(client, user)
    return client


def test_a_shadow_is_added_shown_as_shadow_and_ended_by_plain_forms(app: APIFlask, rota: Rota) -> None:
    mara, here = browser(app, rota.mara), f"/schedules/{rota.schedule.id}"
    shadows = f"{here}/shadows"
    wrong = post(mara, shadows, {"user_id": rota.dan.id, "end": "soon"}, page=shadows)
    assert (wrong.status_code, "Say a day and an hour" in wrong.text) == (422, True)
    assert post(mara, shadows, {"user_id": rota.dan.id, "end": ""}, page=shadows).status_code == 303
    assert "Dan is a shadow here already" in post(mara, shadows, {"user_id": rota.dan.id}, page=shadows).text
    assert "as shadow: Dan" in mara.get(here).text
    board = mara.get("/on-call").text
    assert "Gets copies, covers nothing" in board
    assert rota.on_call(rota.clock()) == "Ana"
    dan = browser(app, rota.dan)
    assert post(dan, f"{shadows}/1/removal", {}, page=shadows).status_code == 303, "one's own one may end"
    assert "Nobody gets copies." in mara.get(shadows).text


def test_only_the_team_looks_on_by_itself_since_copies_show_its_alerts(app: APIFlask, rota: Rota) -> None:
    shadows = f"/schedules/{rota.schedule.id}/shadows"
    bo, dan = browser(app, rota.bo), browser(app, rota.dan)
    assert post(dan, shadows, {"user_id": rota.dan.id}, page="/me").status_code == 403
    assert post(bo, shadows, {"user_id": rota.cy.id}, page=shadows).status_code == 403
    assert post(bo, shadows, {"user_id": rota.bo.id}, page=shadows).status_code == 303
    assert post(dan, f"{shadows}/1/removal", {}, page="/me").status_code == 403


def test_a_program_adds_lists_and_ends_shadows(client: FlaskClient, rota: Rota) -> None:
    mara, dan = Api(client, rota.mara), Api(client, rota.dan)
    draft = {"schedule_id": str(rota.schedule.id), "user_id": str(rota.dan.id)}
    assert_problem(dan.post("/shadows", draft), 403)
    made = mara.post("/shadows", draft).get_json()
    assert made["end"] is None
    (row,) = mara.get("/oncall").get_json()["items"]
    assert ([each["name"] for each in row["users"]], [each["name"] for each in row["shadows"]]) == (
        ["Ana"],
        ["Dan"],
    )
    assert mara.get("/shadows", schedule_id=draft["schedule_id"]).get_json()["items"] == [made]
    assert mara.get(f"/shadows/{made['id']}").get_json() == made
    assert_problem(mara.post("/shadows", draft), 422, "#/user_id")
    before = {"end": "2020-01-01T00:00:00Z", "start": "2019-01-01T00:00:00Z"}
    assert_problem(mara.post("/shadows", draft | before), 422, "#/end")
    assert dan.delete(f"/shadows/{made['id']}").status_code == 204
    assert mara.get(f"/shadows/{made['id']}").status_code == 404, "it had not lasted a minute"
