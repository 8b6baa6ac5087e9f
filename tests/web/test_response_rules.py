"""Response rules by form and by program."""

import pytest
from flask.testing import FlaskClient

from app.database import transaction
from app.incidents import response_rules
from tests.support.api import Api
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN = "/response-rules"


@pytest.fixture
def ruled(world: World) -> World:
    with transaction():
        response_rules.plant_default(at=world.now)
    return world


def test_the_rules_are_read_aloud_in_order_and_changed_by_managers(ruled: World, seen_by: SeenBy) -> None:
    mara = seen_by(ruled.cast.mara)
    assert "When severity is critical: make it an incident, then continue" in mara.get(SCREEN).text
    fields = {"name": "Search hears of checkout", "severity": ["error"], "service": "1", "label": "env",
              "value": "prod", "match": "any", "notify": str(ruled.cast.search.id), "stops": "yes"}  # fmt: skip
    post(mara, SCREEN, fields, page=SCREEN)
    says = "When severity is error or service is checkout-api or label env is prod: tell Search, then stop"
    assert says in mara.get(SCREEN).text
    post(mara, f"{SCREEN}/2/position", {}, page=SCREEN)
    assert [rule.id for rule in response_rules.in_order()] == [2, 1]
    post(mara, f"{SCREEN}/1/switch", {"on": "no"}, page=SCREEN)
    assert "Off" in mara.get(SCREEN).text
    post(mara, f"{SCREEN}/2/removal", {}, page=SCREEN)
    assert "Search hears" not in mara.get(SCREEN).text.split("</ol>")[0].split("<ol")[1]


def test_bad_rules_and_the_wrong_person_are_refused(ruled: World, seen_by: SeenBy) -> None:
    mara, ada = seen_by(ruled.cast.mara), seen_by(ruled.cast.ada)
    for fields, says in (
        ({"name": "x"}, "Choose what the rule does"),
        ({"promote": "yes"}, "Give the rule a name"),
    ):
        answer = post(mara, SCREEN, fields, page=SCREEN)
        assert (answer.status_code, says in answer.text) == (409, True)
    assert "Another rule" not in ada.get(SCREEN).text
    for path in ("", "/1/switch", "/1/position", "/1/removal"):
        assert post(ada, SCREEN + path, {}, page="/me/security").status_code == 403
    assert post(mara, f"{SCREEN}/9/removal", {}, page=SCREEN).status_code == 404


def test_programs_keep_rules(ruled: World, client: FlaskClient) -> None:
    mara, team = Api(client, ruled.cast.mara), str(ruled.cast.search.id)
    draft = {
        "name": "Info to Search", "conditions": [{"field": "severity", "among": ["info"]}],
        "actions": [{"act": "notify", "team_id": team}],
    }  # fmt: skip
    made = mara.make("/response-rules", draft)
    assert (made["position"], made["is_on"], made["actions"]) == (2, True, [{"act": "notify", "team_id": team}])
    moved = mara.patch(f"/response-rules/{made['id']}", {"position": 1, "is_on": False}).get_json()
    assert (moved["position"], moved["is_on"]) == (1, False)
    changed = mara.put(f"/response-rules/{made['id']}", draft | {"stops": True}).get_json()
    assert changed["stops"] is True
    listed = mara.get("/response-rules").get_json()["items"]
    assert [each["name"] for each in listed] == ["Info to Search", response_rules.DEFAULT]
    assert mara.post("/response-rules", draft | {"actions": [{"act": "notify"}]}).status_code == 422
    assert mara.delete(f"/response-rules/{made['id']}").status_code == 204
    ada = Api(client, ruled.cast.ada)
    assert ada.post("/response-rules", draft).status_code == 403
    assert len(ada.get("/response-rules").get_json()["items"]) == 1
