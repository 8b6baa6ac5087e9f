"""Actions through a browser and the API: doors from the incident, the postmortem and what they improve."""

import re

from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

NEW = "/incidents/1/action-items"
WANTED = {"text": "Alert on the unit", "kind": "detect", "link": "https://tracker.example/NB-1"}


def test_S58_S59_S02_promised_from_the_incident_shown_by_the_service_and_carried_out(
    declared: World, seen_by: SeenBy
) -> None:
    ada = seen_by(declared.cast.ada)
    page = ada.get(NEW).text
    service = re.search(r'value="(service:\d+)"', page)
    assert service is not None
    sent = WANTED | {
        "owner_id": str(declared.cast.ben.id),
        "improves": service[1],
        "due_at": "2020-01-01T10:00",
    }
    made = post(ada, NEW, sent, page=NEW)
    assert made.status_code == 303
    where = made.headers["Location"]
    for address in ("/incidents/1", f"/services/{service[1].partition(':')[2]}", "/action-items"):
        assert WANTED["text"] in ada.get(address).text, address
    assert "1 action open, 1 late" in ada.get("/action-items").text
    assert "https://tracker.example/NB-1" in ada.get(where).text
    assert "No action of yours" in ada.get("/action-items?tab=mine").text
    ben = seen_by(declared.cast.ben)
    assert WANTED["text"] in ben.get("/action-items?tab=mine").text
    assert "Say what changed" in post(ben, f"{where}/completion", {}, page=where).text
    assert post(ben, f"{where}/completion", {"changed": "A rule pages"}, page=where).status_code == 303
    assert "Changed: A rule pages" in ada.get("/action-items?tab=done").text
    assert "carried out" in ada.get("/incidents/1").text
    assert seen_by(declared.cast.eli).get("/action-items").status_code == 403


def test_S58_what_is_wrong_is_said_by_its_field_and_what_was_typed_stays(
    declared: World, seen_by: SeenBy
) -> None:
    ada = seen_by(declared.cast.ada)
    refused = post(ada, NEW, WANTED | {"link": "javascript:alert(1)"}, page=NEW)
    assert refused.status_code == 422
    assert 'id="link-problem"' in refused.text
    assert "Alert on the unit" in refused.text
    assert "3 things to put right" in post(ada, NEW, {"improves": "x", "owner_id": "9"}, page=NEW).text
    where = post(ada, NEW, WANTED, page=NEW).headers["Location"]
    seen = re.search(r'name="seen" value="([^"]+)"', ada.get(where).text)
    assert seen is not None
    assert post(ada, where, WANTED | {"text": "First", "seen": seen[1]}, page=where).status_code == 303
    stale = post(ada, where, WANTED | {"text": "Second", "seen": seen[1]}, page=where)
    assert stale.status_code == 409
    assert "First" in stale.text
    assert "Second" in stale.text


def test_S58_S59_by_the_api(declared: World, seen_by: SeenBy) -> None:
    api = Api(seen_by(declared.cast.ada), declared.cast.ada)
    body = {"incident_id": "1", "text": "Test it", "kind": "prevent", "owner_id": str(declared.cast.ben.id)}
    made = api.make("/action-items", body)
    assert made["owner"]["name"] == "Ben"
    assert_problem(api.post("/action-items", body | {"link": "javascript:alert(1)"}), 422)
    changed = api.patch(
        f"/action-items/{made['id']}", {"owner_id": None, "due_at": "2027-01-01T00:00:00Z"}
    ).json
    assert changed is not None
    assert (changed["owner"], changed["due_at"]) == (None, "2027-01-01T00:00:00Z")
    done = api.post(f"/action-items/{made['id']}/completion", {"changed": "Tested"}).json
    assert done is not None
    assert done["changed"] == "Tested"
    listed = api.get("/action-items", done="true").json
    assert listed is not None
    assert [each["id"] for each in listed["items"]] == [made["id"]]
    assert_problem(api.patch(f"/action-items/{made['id']}", {"text": "More"}), 409)
