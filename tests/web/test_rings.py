"""A ring of three by plain forms and by program: proposed, agreed, approved; strangers see none."""

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from tests.oncall.test_ring import Wishes
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post
from tests.support.clock import TestClock
from tests.support.rota import Rota
from tests.web.test_shadows import browser


@pytest.fixture
def wishes(app: APIFlask, clock: TestClock) -> Wishes:
    return Wishes(Rota(clock, needs_approval=True))


def test_D14_a_ring_goes_round_by_plain_forms(app: APIFlask, wishes: Wishes) -> None:
    rota = wishes.rota
    ana, bo, cy, mara, dan = (browser(app, who) for who in (rota.ana, rota.bo, rota.cy, rota.mara, rota.dan))
    asked = f"/swaps/{wishes.anas.id}"
    assert "Propose it to them" in ana.get(asked).text
    proposed = post(ana, f"{asked}/ring", {}, page=asked)
    ring = "/swaps/rings/1"
    assert (proposed.status_code, proposed.location) == (303, ring)
    assert "Agree to all of it" not in ana.get(ring).text, "who proposes has agreed"
    page = bo.get(ring).text
    assert "Ana → Cy" in page
    assert "Sat 31 Oct, 12:00 CDT – Sun 1 Nov, 00:00 CDT" in page
    assert dan.get(ring).status_code == 404
    assert post(mara, f"{ring}/agreement", {}, page="/me").status_code == 403
    for client in (bo, cy):
        assert post(client, f"{ring}/agreement", {}, page=ring).status_code == 303
    assert wishes.on_call() == ["Ana", "Bo", "Cy"]
    assert post(bo, f"{ring}/approval", {}, page="/me").status_code == 403
    assert post(mara, f"{ring}/approval", {}, page=ring).status_code == 303
    assert wishes.on_call() == ["Cy", "Ana", "Bo"]
    assert "The ring of three that this is part of" in ana.get(asked).text


def test_D14_a_ring_goes_round_over_http(client: FlaskClient, wishes: Wishes) -> None:
    rota = wishes.rota
    ana, bo, cy, mara, dan = (Api(client, who) for who in (rota.ana, rota.bo, rota.cy, rota.mara, rota.dan))
    path = f"/swaps/{wishes.anas.id}"
    [found] = ana.get(f"{path}/rings").get_json()["items"]
    assert [(leg["giver"]["name"], leg["taker"]["name"]) for leg in found["legs"]] == [
        ("Ana", "Cy"), ("Bo", "Ana"), ("Cy", "Bo"),
    ]  # fmt: skip
    assert_problem(dan.post(f"{path}/ring", {}), 404)
    made = ana.post(f"{path}/ring", {})
    assert made.status_code == 201
    ring = f"/rings/{made.get_json()['id']}"
    assert_problem(ana.post(f"{path}/ring", {}), 409)
    for each in (bo, cy):
        answer = each.post(f"{ring}/agreement", {})
    assert answer.get_json()["state"] == "accepted"
    assert_problem(bo.post(f"{ring}/approval", {}), 403)
    assert mara.post(f"{ring}/approval", {"reason": "Fine."}).get_json()["state"] == "agreed"
    assert_problem(mara.post(f"{ring}/rejection", {}), 409)
    assert wishes.on_call() == ["Cy", "Ana", "Bo"]
