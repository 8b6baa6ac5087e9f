"""Response rules by form and by program."""

import pytest
from flask.testing import FlaskClient

from app.database import transaction
from app.domain.words import Severity
from app.incidents import response_rules
from tests.support.api import Api, assert_problem
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


def test_a_dry_run_says_in_order_what_would_happen_and_does_nothing(world: World, seen_by: SeenBy) -> None:
    world.fire()
    mara, dan = seen_by(world.cast.mara), seen_by(world.cast.dan)
    made = {"name": "Critical", "severity": "critical", "promote": "yes", "open_room": "yes",
            "notify": str(world.cast.search.id)}  # fmt: skip
    assert post(mara, "/response-rules", made, page="/response-rules").status_code == 303
    post(mara, "/response-rules", {"name": "Low", "severity": "info", "promote": "yes"}, page="/response-rules")
    page = mara.get("/response-rules?alert=1").text
    tried = page[page.index("Checkout errors at 14 %") :]
    places = [tried.index(f"{n}. {words}") for n, words in
              enumerate(("Make it an incident", "Tell Search", "Open the war room"), start=1)]  # fmt: skip
    assert places == sorted(places)
    assert "(Low)" not in tried
    assert "Nothing was done." in tried
    assert world.events() == ["triggered"]
    assert dan.get("/response-rules?alert=1").status_code == 404  # of another team
    for nonsense in ("9", "99999999999", "x"):
        assert mara.get(f"/response-rules?alert={nonsense}").status_code in (404, 200)
    world.fire("Quiet", key="q", severity=Severity.WARNING)
    assert "Nothing: no rule holds for it." in mara.get("/response-rules?alert=2").text


def test_programs_ask_for_the_dry_run(world: World, client: FlaskClient) -> None:
    world.fire()
    mara = Api(client, world.cast.mara)
    team = str(world.cast.search.id)
    does = [{"act": "notify", "team_id": team}, {"act": "promote"}]
    critical = {"field": "severity", "among": ["critical"]}
    rule = mara.make("/response-rules", {"name": "Critical", "conditions": [critical], "actions": does})
    steps = mara.get("/response-rules/trial?alert_id=1").get_json()["steps"]
    said = {"rule_id": rule["id"], "rule": "Critical"}
    assert steps == [said | {"act": "promote", "team_id": None}, said | {"act": "notify", "team_id": team}]
    assert world.events() == ["triggered"]
    mara.patch(f"/response-rules/{rule['id']}", {"is_on": False})
    assert mara.get("/response-rules/trial?alert_id=1").get_json() == {"steps": []}
    assert_problem(Api(client, world.cast.dan).get("/response-rules/trial?alert_id=1"), 404)
    assert_problem(mara.get("/response-rules/trial"), 422)
