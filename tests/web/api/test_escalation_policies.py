"""/api/v1/escalation-policies and /api/v1/explain."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.alerts.models import Service
from app.database import db, transaction
from app.domain.words import LowUrgency
from tests.support.api import Api, assert_problem
from tests.support.cast import Cast


@pytest.fixture
def draft(cast: Cast) -> dict[str, Any]:
    return {
        "name": "Search critical",
        "team_id": str(cast.search.id),
        "steps": [
            {"wait_minutes": 5, "targets": [{"kind": "user", "id": str(cast.dan.id)}]},
            {"wait_minutes": 2.5, "targets": [{"kind": "user", "id": str(cast.ada.id)}]},
        ],
        "repeat": 1,
        "last_resort_user_id": str(cast.cleo.id),
    }


def test_a_policy_reads_as_it_was_written(root: Api, draft: dict[str, Any]) -> None:
    made = root.make("/escalation-policies", draft)
    assert {name: made[name] for name in draft} == draft
    assert isinstance(made["steps"][0]["wait_minutes"], int)
    assert root.get(f"/escalation-policies/{made['id']}").get_json() == made
    assert root.get("/escalation-policies", name="Search critical").get_json()["items"] == [made]
    assert root.delete(f"/escalation-policies/{made['id']}").status_code == 204
    assert_problem(root.get(f"/escalation-policies/{made['id']}"), 404)


def test_a_step_waits_five_minutes_unless_it_says_so(root: Api, draft: dict[str, Any]) -> None:
    step = {"targets": draft["steps"][0]["targets"]}
    made = root.make("/escalation-policies", {"name": "X", "team_id": draft["team_id"], "steps": [step]})
    assert made["steps"] == [step | {"wait_minutes": 5}]
    assert (made["repeat"], made["last_resort_user_id"]) == (0, None)


def test_a_lost_update_is_refused(root: Api, draft: dict[str, Any]) -> None:
    made = root.post("/escalation-policies", draft)
    path, first = f"/escalation-policies/{made.get_json()['id']}", made.headers["ETag"]
    assert root.put(path, draft | {"repeat": 2}, headers={"If-Match": first}).get_json()["repeat"] == 2
    assert_problem(root.put(path, draft | {"repeat": 3}, headers={"If-Match": first}), 412)
    assert root.get(path).get_json()["repeat"] == 2


def test_every_fault_is_named_by_its_pointer(root: Api, draft: dict[str, Any]) -> None:
    target = "#/steps/0/targets/0"
    for steps, pointer in [
        ([{"targets": [{"kind": "user", "id": "999"}]}], f"{target}/id"),
        ([{"targets": [{"kind": "schedule", "id": "999"}]}], f"{target}/id"),
        ([{"targets": [{"kind": "oracle", "id": "1"}]}], f"{target}/kind"),
        ([{"targets": []}], "#/steps/0/targets"),
        ([{"targets": draft["steps"][0]["targets"], "wait_minutes": -1}], "#/steps/0/wait_minutes"),
        ([{"targets": draft["steps"][0]["targets"], "delay": 1}], "#/steps/0/delay"),
    ]:
        assert_problem(root.post("/escalation-policies", draft | {"steps": steps}), 422, pointer)
    assert_problem(root.post("/escalation-policies", draft | {"repeat": 10**30}), 422, "#/repeat")
    assert_problem(root.post("/escalation-policies", draft | {"last_resort_user_id": "9"}), 422)


def test_120_policies_that_lead_round_in_a_circle_are_refused(root: Api, draft: dict[str, Any]) -> None:
    first = root.post("/escalation-policies", draft)
    path, tag = f"/escalation-policies/{first.get_json()['id']}", first.headers["ETag"]
    to_first = [{"targets": [{"kind": "policy", "id": first.get_json()["id"]}]}]
    second = root.make("/escalation-policies", draft | {"name": "Second", "steps": to_first})
    back = draft | {"steps": [{"targets": [{"kind": "policy", "id": second["id"]}]}]}
    assert_problem(root.put(path, back, headers={"If-Match": tag}), 422, "#/steps")
    assert root.get(path).get_json()["steps"] == first.get_json()["steps"]


def test_what_is_in_use_is_not_deleted(root: Api, cast: Cast, draft: dict[str, Any]) -> None:
    assert_problem(root.delete(f"/escalation-policies/{cast.policy.id}"), 409)
    assert root.get(f"/escalation-policies/{cast.policy.id}").status_code == 200
    schedule = root.make("/schedules", {"name": "S", "team_id": draft["team_id"], "time_zone": "UTC"})
    asks = [{"targets": [{"kind": "schedule", "id": schedule["id"]}]}]
    root.make("/escalation-policies", draft | {"steps": asks})
    detail = assert_problem(root.delete(f"/schedules/{schedule['id']}"), 409)["detail"]
    assert "Search critical" in detail


def test_L_ESC_02_only_those_who_edit_on_call_do(
    client: FlaskClient, cast: Cast, draft: dict[str, Any]
) -> None:
    ada, cleo = Api(client, cast.ada), Api(client, cast.cleo)
    made = cleo.make("/escalation-policies", draft)
    assert_problem(ada.post("/escalation-policies", draft | {"name": "Y"}), 403)
    assert_problem(ada.put(f"/escalation-policies/{made['id']}", draft), 403)
    assert_problem(ada.delete(f"/escalation-policies/{made['id']}"), 403)
    assert_problem(Api(client, cast.eli).get("/escalation-policies"), 403)


def test_explain_tells_who_would_be_paged_when_and_why(root: Api, cast: Cast) -> None:
    answer = root.get("/explain", service="checkout-api").get_json()
    assert [
        (step["step"], step["at"], [each["name"] for each in step["users"]]) for step in answer["steps"]
    ] == [
        (0, "2026-11-12T03:10:00Z", ["Ada"]),
        (1, "2026-11-12T03:15:00Z", ["Ben"]),
    ]
    assert answer["steps"][0]["users"][0]["reason"] == ["Named in this step"]
    (way,) = answer["steps"][0]["users"][0]["ways"]
    assert way == {"channel": "push", "label": "Ada's phone", "at": "2026-11-12T03:10:00Z"}
    assert answer["last_resort"]["at"] == "2026-11-12T03:20:00Z"
    assert [each["name"] for each in answer["last_resort"]["users"]] == ["Mara"]
    assert answer["policy"]["name"] == "Payments critical"
    assert root.get("/explain", service=str(cast.checkout.id)).get_json() == answer
    assert_problem(root.get("/explain", service="nothing"), 422, "?service")
    assert_problem(root.get("/explain"), 422, "?service")


def test_explain_knows_that_low_urgency_asks_once_or_not_at_all(root: Api, cast: Cast) -> None:
    once = root.get("/explain", service="checkout-api", urgency="low").get_json()
    assert [step["step"] for step in once["steps"]] == [0]
    assert once["last_resort"] is None
    with transaction():
        db.session.get_one(Service, cast.checkout.id).low_urgency = LowUrgency.RECORD
    never = root.get("/explain", service="checkout-api", urgency="low").get_json()
    assert (never["pages"], never["steps"]) == (False, [])
