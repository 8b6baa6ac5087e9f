"""Playbooks and the response plan: written before, ticked inside an incident."""

from flask.testing import FlaskClient

from app.database import db
from app.domain.playbook import items
from app.incidents.models import Playbook
from tests.support.api import Api
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN = "/incidents/1"
BODY = "Stay calm. <b>\n\n- [ ] Look at the [graph](https://graph.example)\n- [ ] Call the bank"
STEP = items(BODY)[0].key


def written(client: FlaskClient, **fields: object) -> int:
    said = {"name": "Checkout fails", "body": BODY} | fields
    return post(client, "/playbooks", said, page="/playbooks/new").status_code


def test_S18_130_a_playbook_of_a_severity_or_service_is_offered_and_ticked_inside_the_incident(
    declared: World, seen_by: SeenBy
) -> None:
    mara, ada = seen_by(declared.cast.mara), seen_by(declared.cast.ada)
    assert written(mara, severity=["sev1"]) == 303
    assert written(mara, name="Of checkout", service=[declared.cast.integration.service_id]) == 303
    assert written(mara, name="Of another", severity=["sev4"]) == 303
    page = ada.get(SCREEN).text
    for words in ("Checkout fails", "0 of 2 done", "Of checkout"):
        assert words in page, words
    assert "Of another" not in page
    assert ada.get(f"{SCREEN}/playbooks/3").status_code == 404
    book = f"{SCREEN}/playbooks/1"
    assert "&lt;b&gt;" in ada.get(book).text
    for _ in range(2):
        assert post(ada, f"{book}/ticks", {"item": STEP, "tick": "yes"}, page=book).status_code == 303
    assert 'aria-pressed="true"' in ada.get(book).text
    page = ada.get(SCREEN).text
    assert "1 of 2 done" in page
    assert page.count("Ada did a step of Checkout fails") == 1
    post(ada, f"{book}/ticks", {"item": STEP, "tick": "no"}, page=book)
    assert "0 of 2 done" in ada.get(SCREEN).text
    assert post(ada, f"{book}/ticks", {"item": "gone"}, page=book).status_code == 409
    dan = seen_by(declared.cast.dan)
    assert post(dan, f"{book}/ticks", {"item": STEP}, page="/me/security").status_code == 403


def test_a_rewritten_playbook_keeps_the_ticks_of_what_says_the_same(declared: World, seen_by: SeenBy) -> None:
    mara = seen_by(declared.cast.mara)
    written(mara, severity=["sev1"])
    book = f"{SCREEN}/playbooks/1"
    post(mara, f"{book}/ticks", {"item": STEP}, page=book)
    said = {"name": "Checkout", "body": "- [ ] First\n" + BODY, "severity": ["sev1"]}
    assert post(mara, "/playbooks/1", said, page="/playbooks/1").status_code == 303
    assert "1 of 3 done" in mara.get(SCREEN).text
    assert post(mara, "/playbooks/1/removal", {}, page="/playbooks/1").status_code == 303
    assert db.session.get(Playbook, 1) is None
    assert "did a step of Checkout fails" in mara.get(SCREEN).text


def test_bad_playbooks_and_the_wrong_person(declared: World, seen_by: SeenBy) -> None:
    mara, ada = seen_by(declared.cast.mara), seen_by(declared.cast.ada)
    assert written(mara, name=" ") == 422
    assert written(mara, body=" ") == 422
    assert written(mara, body="x" * 100_001) == 422
    assert written(mara, body="x" * 100_000) == 303
    assert ada.get("/playbooks/new").status_code == 403
    assert post(ada, "/playbooks", {"name": "x", "body": "x"}, page="/me/security").status_code == 403
    assert "Write a playbook" not in ada.get("/playbooks").text
    assert ada.get("/playbooks/1").status_code == 200
    assert ada.get("/playbooks/9").status_code == 404
    assert seen_by(declared.cast.eli).get("/playbooks").status_code == 403


def test_S03_S47_the_response_plan_is_reachable_from_each_incident_by_everybody(
    declared: World, seen_by: SeenBy
) -> None:
    root, eli = seen_by(declared.cast.root), seen_by(declared.cast.eli)
    said = {"response_plan": "**When chat is down:** call +44 20 7946 0000"}
    assert post(root, "/response-plan", said, page="/response-plan").status_code == 303
    assert 'href="/response-plan"' in eli.get(f"{SCREEN}/live").text
    assert 'href="/response-plan"' in seen_by(declared.cast.ada).get(SCREEN).text
    page = eli.get("/response-plan").text
    for words in (
        "Commander",
        "Most people cannot use it",
        "every 30 min",
        "<strong>When chat is down:</strong>",
    ):
        assert words in page, words
    assert "<textarea" not in page
    assert post(eli, "/response-plan", said, page="/me/security").status_code == 403


def test_programs_write_and_tick(declared: World, client: FlaskClient) -> None:
    mara, ada = Api(client, declared.cast.mara), Api(client, declared.cast.ada)
    made = mara.make("/playbooks", {"name": "Checkout", "body": BODY, "severities": ["sev1"]})
    assert ada.get("/incidents/1/playbooks").get_json()["items"][0]["steps"][0]["ticked_by"] is None
    ticked = ada.put(f"/incidents/1/playbooks/{made['id']}/ticks", {"item": STEP}).get_json()
    assert ticked["steps"][0]["ticked_by"]["name"] == "Ada"
    assert ada.put("/incidents/1/playbooks/9/ticks", {"item": STEP}).status_code == 404
    assert ada.post("/playbooks", {"name": "x", "body": "x"}).status_code == 403
    wrong = {"name": "x", "body": "x", "service_ids": ["999"]}
    assert mara.post("/playbooks", wrong).status_code == 422
    assert mara.delete(f"/playbooks/{made['id']}").status_code == 204
