"""/api/v1/services and /api/v1/integrations: what is looked after, and the doors for its alerts."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app import clock
from app.alerts.integrations import find_by_key
from app.database import transaction
from tests.support.api import Api, assert_problem
from tests.support.cast import Cast

MAPPING = {
    "title": "msg",
    "dedup_key": ["host", "check"],
    "severity": "level",
    "severity_map": {"bad": "critical"},
}


@pytest.fixture
def draft(cast: Cast) -> dict[str, Any]:
    return {
        "name": "search-api",
        "team_id": str(cast.search.id),
        "escalation_policy_id": str(cast.policy.id),
        "owner_id": str(cast.dan.id),
        "description": "Finds things.",
        "low_urgency": "record",
    }


def test_a_service_lives_from_post_to_delete(root: Api, draft: dict[str, Any]) -> None:
    made = root.make("/services", draft)
    assert made == draft | {
        "id": made["id"], "created_at": "2026-11-12T03:10:00Z", "kind": "technical", "is_active": True,
        "public_name": "",
    }  # fmt: skip
    assert root.get(f"/services/{made['id']}").get_json() == made
    assert root.get("/services", name="search-api").get_json()["items"] == [made]
    changed = root.patch(f"/services/{made['id']}", {"owner_id": None, "low_urgency": "page_once"})
    assert changed.get_json() == made | {"owner_id": None, "low_urgency": "page_once"}
    assert root.delete(f"/services/{made['id']}").status_code == 204
    assert_problem(root.get(f"/services/{made['id']}"), 404)
    assert_problem(root.delete(f"/services/{made['id']}"), 404)
    assert root.get("/services", name="search-api").get_json()["items"] == []
    root.make("/services", draft)


def test_only_a_name_and_a_team_are_needed(root: Api, cast: Cast) -> None:
    made = root.make("/services", {"name": "db", "team_id": str(cast.search.id)})
    assert (made["escalation_policy_id"], made["owner_id"], made["low_urgency"]) == (None, None, "page_once")


def test_every_fault_is_named_by_its_pointer(root: Api, cast: Cast, draft: dict[str, Any]) -> None:
    for change, pointer in [
        ({"team_id": "999"}, "#/team_id"),
        ({"team_id": 1}, "#/team_id"),
        ({"escalation_policy_id": "x"}, "#/escalation_policy_id"),
        ({"owner_id": "999"}, "#/owner_id"),
        ({"name": "Checkout-API"}, "#/name"),
        ({"low_urgency": "shout"}, "#/low_urgency"),
        ({"tier": 1}, "#/tier"),
    ]:
        assert_problem(root.post("/services", draft | change), 422, pointer)
    assert_problem(root.patch(f"/services/{cast.checkout.id}", {"team_id": None}), 422, "#/team_id")


def test_a_teams_members_change_its_services_and_nobody_elses(client: FlaskClient, cast: Cast) -> None:
    ada, dan, eli = (Api(client, user) for user in (cast.ada, cast.dan, cast.eli))
    path = f"/services/{cast.checkout.id}"
    assert ada.patch(path, {"description": "Takes money."}).status_code == 200
    assert_problem(dan.patch(path, {"description": "Mine."}), 404)
    assert_problem(dan.delete(path), 404)
    assert_problem(ada.patch(path, {"team_id": str(cast.search.id)}), 403)
    assert_problem(eli.get(path), 403)


def test_nobody_has_another_teams_people_paged_by_naming_their_policy(
    root: Api, client: FlaskClient, cast: Cast, draft: dict[str, Any]
) -> None:
    dan = Api(client, cast.dan)
    refused = dan.post("/services", draft)  # the policy of Payments, for a service of Search
    assert_problem(refused, 422, "#/escalation_policy_id")
    assert "pages another team" in refused.text
    made = dan.make("/services", draft | {"escalation_policy_id": None})
    path = f"/services/{made['id']}"
    named = {"escalation_policy_id": draft["escalation_policy_id"]}
    assert_problem(dan.patch(path, named), 422, "#/escalation_policy_id")
    assert root.patch(path, named).status_code == 200  # a manager of everybody may
    assert dan.patch(path, {"description": "Finds more."}).status_code == 200  # and what is there may stay


def test_L_SVC_03_an_owner_is_somebody_who_is_here(root: Api, cast: Cast, draft: dict[str, Any]) -> None:
    with transaction():
        cast.dan.is_active = False
    refused = root.post("/services", draft)
    assert_problem(refused, 422, "#/owner_id")
    assert "has left" in refused.text
    assert_problem(
        root.patch(f"/services/{cast.checkout.id}", {"owner_id": str(cast.dan.id)}), 422, "#/owner_id"
    )


@pytest.mark.parametrize(
    ("kind", "address"), [("events_v2", "/v2/enqueue"), ("alertmanager", "/intake/"), ("generic", "/intake/")]
)
def test_a_key_is_shown_once(root: Api, cast: Cast, kind: str, address: str) -> None:
    sent = {"name": "Door", "kind": kind, "service_id": str(cast.checkout.id)}
    made = root.make("/integrations", sent | ({"mapping": MAPPING} if kind == "generic" else {}))
    key, authorization = made.pop("key"), made.pop("authorization")
    assert made["address"] == "http://127.0.0.1:8000" + address.rstrip("/")
    assert authorization == (None if kind == "events_v2" else f"Bearer {key}")
    found = find_by_key(key, at=clock.now())
    assert found is not None
    assert str(found.id) == made["id"]
    assert made["url"].startswith(f"http://127.0.0.1:8000{address}")
    assert made["url"].endswith("/enqueue" if kind == "events_v2" else key)
    read = root.get(f"/integrations/{made['id']}").get_json()
    assert key not in str(read)
    assert key.startswith(read["key_prefix"])
    assert read == made | {"url": read["url"]}
    assert root.get("/integrations", name="Door").get_json()["items"] == [read]


def test_a_key_is_changed_and_a_door_closed(root: Api, cast: Cast) -> None:
    made = root.make("/integrations", {"name": "Door", "kind": "generic", "service_id": str(cast.checkout.id)})
    path = f"/integrations/{made['id']}"
    assert root.patch(path, {"mapping": MAPPING, "default_severity": "info"}).get_json()["mapping"] == MAPPING
    other = root.post(f"{path}/keys", {}).get_json()["key"]
    assert_problem(root.post(f"{path}/keys", {}), 409)
    assert find_by_key(made["key"], at=clock.now()) is not None
    old, new = root.get(path).get_json()["keys"]
    assert other.startswith(new["prefix"])
    assert root.delete(f"{path}/keys/{old['id']}").status_code == 204
    assert root.delete(f"{path}/keys/{old['id']}").status_code == 204  # twice is once
    assert_problem(root.delete(f"{path}/keys/{new['id']}"), 409)
    assert_problem(root.delete(f"{path}/keys/999"), 404)
    assert find_by_key(made["key"], at=clock.now()) is None
    assert find_by_key(other, at=clock.now()) is not None
    assert root.delete(path).status_code == 204
    assert find_by_key(other, at=clock.now()) is None
    assert_problem(root.get(path), 404)
    assert_problem(root.delete(path), 404)


def test_a_service_that_is_gone_takes_nothing_more(root: Api, cast: Cast, draft: dict[str, Any]) -> None:
    service = root.make("/services", draft)
    made = root.make("/integrations", {"name": "Door", "kind": "generic", "service_id": service["id"]})
    root.delete(f"/services/{service['id']}")
    assert find_by_key(made["key"], at=clock.now()) is None
    assert_problem(root.get(f"/integrations/{made['id']}"), 404)


def test_what_does_not_fit_an_integration_is_named(root: Api, cast: Cast) -> None:
    good = {"name": "Door", "kind": "generic", "service_id": str(cast.checkout.id)}
    for change, pointer in [
        ({"kind": "pigeon"}, "#/kind"),
        ({"service_id": "999"}, "#/service_id"),
        ({"mapping": {"titel": "x"}}, "#/mapping/titel"),
        ({"mapping": {"title": 7}}, "#/mapping/title"),
        ({"mapping": []}, "#/mapping"),
        ({"key": "my own"}, "#/key"),
        ({"default_severity": "awful"}, "#/default_severity"),
    ]:
        assert_problem(root.post("/integrations", good | change), 422, pointer)


def test_only_the_teams_people_open_and_close_doors(client: FlaskClient, cast: Cast) -> None:
    dan, ada = Api(client, cast.dan), Api(client, cast.ada)
    sent = {"name": "Door", "kind": "generic", "service_id": str(cast.checkout.id)}
    assert_problem(dan.post("/integrations", sent), 422, "#/service_id")
    made = ada.make("/integrations", sent)
    assert_problem(dan.post(f"/integrations/{made['id']}/keys", {}), 404)
    assert_problem(dan.delete(f"/integrations/{made['id']}"), 404)
