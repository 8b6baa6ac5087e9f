"""/api/v1/alerts, pages and incidents: what is wrong and what people do about it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.alerts import escalate
from app.alerts.models import Integration
from app.alerts.receive import receive
from app.database import db, transaction
from app.domain.alert import IncomingAlert, Said
from app.domain.words import Severity
from tests.support.api import Api, assert_problem
from tests.support.cast import Cast, make_integration, make_service
from tests.support.clock import TestClock

Fire = Callable[..., str]


@pytest.fixture
def fire(cast: Cast, clock: TestClock) -> Fire:
    """Let something go wrong; answers the alert's id."""

    def fire(key: str = "disk", severity: Severity = Severity.CRITICAL, **changes: Any) -> str:
        facts = {
            "dedup_key": key, "title": f"{key} is full", "status": Said.FIRING, "severity": severity,
            "started_at": None, "description": "", "links": (), "service": None, "labels": {"host": "db-1"},
            "annotations": {}, "group_key": None,
        }  # fmt: skip
        with transaction():
            integration = db.session.get_one(Integration, changes.pop("integration_id", cast.integration.id))
            return str(receive(IncomingAlert(**(facts | changes)), integration, at=clock()).alert_id)

    return fire


def tick(alert_id: str, clock: TestClock) -> None:
    """Let the engine take the step that is due."""
    with transaction():
        escalate.advance(int(alert_id), at=clock())


def test_an_alert_has_the_shape_that_scripts_rely_on(
    root: Api, cast: Cast, fire: Fire, clock: TestClock
) -> None:
    id = fire()
    tick(id, clock)
    alert = root.get(f"/alerts/{id}").get_json()
    assert alert == {
        "id": id, "number": int(id), "title": "disk is full", "description": "", "severity": "critical",
        "urgency": "high", "status": "triggered", "dedup_key": "disk",
        "service": {"id": str(cast.checkout.id), "name": "checkout-api"},
        "integration": {"id": str(cast.integration.id), "name": "events_v2"},
        "team": {"id": str(cast.payments.id), "name": "Payments"},
        "started_at": "2026-11-12T03:10:00Z", "created_at": "2026-11-12T03:10:00Z",
        "updated_at": "2026-11-12T03:10:00Z", "acknowledged_at": None, "acknowledged_by": None,
        "assigned_to": None, "raised_by": None, "resolved_at": None, "resolved_by": None, "resolution": None,
        "snoozed_until": None, "occurrences": 1, "links": [], "labels": {"host": "db-1"}, "annotations": {},
        "incident": None,
        "escalation": {
            "step": 0, "round": 0, "next_at": "2026-11-12T03:15:00Z", "exhausted_at": None,
            "is_last_resort": False,
        },
    }  # fmt: skip
    clock.advance(minutes=5)
    tick(id, clock)
    progress = root.get(f"/alerts/{id}").get_json()["escalation"]
    assert (progress["step"], progress["round"], progress["next_at"]) == (1, 0, "2026-11-12T03:20:00Z")
    clock.advance(minutes=5)
    tick(id, clock)
    progress = root.get(f"/alerts/{id}").get_json()["escalation"]
    assert (progress["step"], progress["is_last_resort"], progress["exhausted_at"]) == (
        1,
        True,
        "2026-11-12T03:20:00Z",
    )


def test_the_pages_of_an_alert_tell_whom_it_asked_and_why(
    root: Api, cast: Cast, fire: Fire, clock: TestClock
) -> None:
    id = fire()
    tick(id, clock)
    [page] = root.get("/pages", alert=id, user=str(cast.ada.id), status="queued", kind="page").get_json()[
        "items"
    ]
    assert page["alert"] == {"id": id}
    assert page["user"] == {"id": str(cast.ada.id), "name": "Ada"}
    assert (page["step"], page["round"], page["reminder"], page["status"]) == (0, 0, 0, "queued")
    assert "checkout-api is alerting" in page["reason"][0]
    assert page["deliveries"] == [
        {
            "channel": "push", "device": "Ada's phone", "state": "queued", "at": "2026-11-12T03:10:00Z",
            "error": None,
        }
    ]  # fmt: skip
    assert root.get(f"/pages/{page['id']}").get_json() == page
    assert root.get("/pages", user="999").get_json()["items"] == []
    assert_problem(root.get("/pages/999"), 404)


def test_alerts_are_filtered_and_sorted(root: Api, cast: Cast, fire: Fire, clock: TestClock) -> None:
    with transaction():
        other = make_integration(make_service("search-api", cast.search))
    first = fire("a")
    clock.advance(minutes=1)
    second = fire("b", Severity.WARNING)
    clock.advance(minutes=1)
    third = fire("a", integration_id=other.id)
    clock.advance(minutes=1)
    root.post(f"/alerts/{first}/acknowledgement")

    def ids(**parameters: Any) -> list[str]:
        answer = root.get("/alerts", **parameters)
        assert answer.status_code == 200, answer.get_json()
        return [alert["id"] for alert in answer.get_json()["items"]]

    assert ids() == [third, second, first]
    assert ids(sort="-updated_at") == [first, third, second]
    assert ids(sort="created_at", limit=2) == [first, second]
    assert ids(status="acknowledged") == [first]
    assert ids(status=["triggered", "acknowledged"], service="checkout-api") == [second, first]
    assert ids(service=[str(cast.checkout.id), "search-api"]) == [third, second, first]
    assert ids(severity="warning") == [second]
    assert ids(urgency="high", dedup_key="a", team="Search") == [third]
    assert ids(dedup_key="nothing") == []
    cursor = root.get("/alerts", sort="-updated_at", limit=1).get_json()["next_cursor"]
    assert ids(sort="-updated_at", limit=1, cursor=cursor) == [third]
    assert_problem(root.get("/alerts", sort="-created_at", cursor=cursor), 422, "?cursor")
    assert_problem(root.get("/alerts", sort="title"), 422, "?sort")
    assert_problem(root.get("/alerts", status="firing"), 422, "?status")


def test_acknowledging_stops_the_escalation_and_can_be_taken_back(
    client: FlaskClient, ada: Api, cast: Cast, fire: Fire
) -> None:
    path = f"/alerts/{fire()}"
    taken = ada.post(f"{path}/acknowledgement").get_json()
    assert taken["status"] == "acknowledged"
    assert taken["acknowledged_by"] == taken["assigned_to"] == {"id": str(cast.ada.id), "name": "Ada"}
    assert taken["escalation"]["next_at"] is None
    assert ada.post(f"{path}/acknowledgement", {}).get_json() == taken
    assert Api(client, cast.ben).post(f"{path}/acknowledgement").get_json() == taken
    given = ada.delete(f"{path}/acknowledgement").get_json()
    assert (given["status"], given["acknowledged_by"], given["acknowledged_at"]) == ("triggered", None, None)
    assert_problem(ada.delete(f"{path}/acknowledgement"), 409)


def test_an_alert_is_snoozed_and_woken(ada: Api, fire: Fire) -> None:
    path = f"/alerts/{fire()}"
    snoozed = ada.post(f"{path}/snooze", {"minutes": 30}).get_json()
    assert (snoozed["status"], snoozed["snoozed_until"]) == ("acknowledged", "2026-11-12T03:40:00Z")
    again = ada.post(f"{path}/snooze", {"until": "2026-11-12T07:00:00+02:00"}).get_json()
    assert again["snoozed_until"] == "2026-11-12T05:00:00Z"
    assert ada.delete(f"{path}/snooze").get_json()["status"] == "triggered"
    assert_problem(ada.delete(f"{path}/snooze"), 409)
    assert_problem(ada.post(f"{path}/snooze", {}), 422, "#/until")
    assert_problem(ada.post(f"{path}/snooze", {"minutes": 5, "until": "2026-11-12T05:00:00Z"}), 422)
    assert_problem(ada.post(f"{path}/snooze", {"minutes": 0}), 422, "#/minutes")
    assert_problem(ada.post(f"{path}/snooze", {"until": "2026-11-11T05:00:00Z"}), 409)


def test_an_alert_is_escalated_and_handed_to_somebody(
    ada: Api, cast: Cast, fire: Fire, clock: TestClock
) -> None:
    id = fire()
    tick(id, clock)
    asked = ada.post(f"/alerts/{id}/escalation").get_json()
    assert asked["escalation"]["next_at"] == "2026-11-12T03:10:00Z"
    given = ada.post(f"/alerts/{id}/assignment", {"user_id": str(cast.dan.id)}).get_json()
    assert (given["status"], given["assigned_to"]["name"]) == ("triggered", "Dan")
    assert_problem(ada.post(f"/alerts/{id}/assignment", {"user_id": "999"}), 422, "#/user_id")
    assert_problem(ada.post(f"/alerts/{id}/assignment", {}), 422, "#/user_id")


def test_an_alert_is_resolved_and_reopened(ada: Api, fire: Fire) -> None:
    path = f"/alerts/{fire()}"
    over = ada.post(f"{path}/resolution", {"resolution": "rotated the logs"}).get_json()
    assert (over["status"], over["resolved_by"], over["resolution"]) == (
        "resolved",
        "human",
        "rotated the logs",
    )
    assert_problem(ada.post(f"{path}/resolution"), 409)
    assert_problem(ada.post(f"{path}/acknowledgement"), 409)
    assert_problem(ada.post(f"{path}/escalation"), 409)
    reopened = ada.delete(f"{path}/resolution").get_json()
    assert (reopened["status"], reopened["resolved_at"], reopened["resolution"]) == ("triggered", None, None)
    ada.post(f"{path}/resolution")
    fire()
    assert "open as alert" in assert_problem(ada.delete(f"{path}/resolution"), 409)["detail"]


def test_a_note_stands_in_the_timeline(ada: Api, fire: Fire) -> None:
    path = f"/alerts/{fire()}"
    assert ada.post(f"{path}/notes", {"text": "looking"}).status_code == 201
    entries = ada.get(f"{path}/timeline").get_json()["items"]
    assert [entry["kind"] for entry in entries] == ["triggered", "noted"]
    assert (entries[1]["actor"]["name"], entries[1]["data"]["text"]) == ("Ada", "looking")
    assert_problem(ada.post(f"{path}/notes", {"text": "  "}), 422, "#/text")


def test_promoting_acknowledges_and_a_second_time_changes_nothing(ada: Api, cast: Cast, fire: Fire) -> None:
    id = fire()
    incident = ada.make(f"/alerts/{id}/incident", {})
    assert (incident["severity"], incident["status"], incident["phase"]) == ("sev1", "open", "detection")
    assert incident["commander"] == {"id": str(cast.ada.id), "name": "Ada", "since": "2026-11-12T03:10:00Z"}
    assert incident["services"] == [{"id": str(cast.checkout.id), "name": "checkout-api"}]
    assert incident["alerts"] == [{"id": id, "number": int(id), "title": "disk is full"}]
    assert incident["acknowledged_at"] == incident["detected_at"] == "2026-11-12T03:10:00Z"
    alert = ada.get(f"/alerts/{id}").get_json()
    assert (alert["status"], alert["incident"]) == ("acknowledged", {"id": incident["id"]})


def test_promoting_again_answers_the_incident_there_is(ada: Api, fire: Fire, clock: TestClock) -> None:
    id = fire()
    incident = ada.make(f"/alerts/{id}/incident", {"severity": "sev3", "title": "Payments are slow"})
    assert (incident["severity"], incident["title"]) == ("sev3", "Payments are slow")
    clock.advance(minutes=1)
    again = ada.post(f"/alerts/{id}/incident")
    assert (again.status_code, again.get_json()) == (200, incident)
    assert_problem(ada.post(f"/alerts/{id}/incident", {"severity": "sev9"}), 422, "#/severity")


def test_an_incident_runs_from_open_to_closed(ada: Api, cast: Cast, fire: Fire, clock: TestClock) -> None:
    id, other = fire(), fire("memory")
    incident = ada.make(f"/alerts/{id}/incident", {})
    path = f"/incidents/{incident['id']}"
    assert ada.get(path).get_json() == incident
    assert ada.put(f"{path}/alerts/{other}", {}).get_json()["alerts"][1]["id"] == other
    assert_problem(ada.put(f"{path}/alerts/999", {}), 404)
    changed = ada.patch(path, {"severity": "sev2", "commander_id": str(cast.ben.id)}).get_json()
    assert (changed["severity"], changed["commander"]["name"]) == ("sev2", "Ben")
    assert ada.post(f"{path}/start").get_json()["phase"] == "containment"
    assert ada.post(f"{path}/mitigation").get_json()["mitigated_at"] == "2026-11-12T03:10:00Z"
    assert_problem(ada.post(f"{path}/closure"), 409)
    over = ada.post(f"{path}/resolution", {"resolution": "rolled back", "alert_ids": [id]}).get_json()
    assert (over["status"], over["resolution"]) == ("resolved", "rolled back")
    assert ada.get(f"/alerts/{id}").get_json()["status"] == "resolved"
    assert ada.get(f"/alerts/{other}").get_json()["status"] == "triggered"
    assert ada.delete(f"{path}/resolution").get_json()["status"] == "in_progress"
    ada.post(f"{path}/resolution")
    assert ada.post(f"{path}/closure").get_json()["status"] == "closed"
    assert ada.post(f"{path}/notes", {"text": "done"}).status_code == 201
    kinds = [entry["kind"] for entry in ada.get(f"{path}/timeline").get_json()["items"]]
    assert (kinds[0], kinds[-1]) == ("triggered", "noted")  # one stream with its alerts
    assert "declared" in kinds
    assert "commander_changed" in kinds
    for wrong in ({"severity": None}, {"commander_id": None}, {"status": "closed"}):
        assert_problem(ada.patch(path, wrong), 422)
    second = ada.make(f"/alerts/{fire('third')}/incident", {})
    assert_problem(ada.put(f"{path}/alerts/{second['alerts'][0]['id']}", {}), 422)


def test_incidents_are_filtered(ada: Api, fire: Fire) -> None:
    first, second = (ada.make(f"/alerts/{fire(key)}/incident", {"alone": True}) for key in ("a", "b"))
    ada.post(f"/incidents/{first['id']}/resolution")

    def ids(**parameters: Any) -> list[str]:
        return [each["id"] for each in ada.get("/incidents", **parameters).get_json()["items"]]

    assert ids() == [second["id"], first["id"]]
    assert ids(status=["resolved", "closed"]) == [first["id"]]
    assert ids(service="checkout-api", severity="sev1") == [second["id"], first["id"]]
    assert ids(service="nothing") == []


ACTIONS = [
    ("POST", "/acknowledgement", None), ("DELETE", "/acknowledgement", None),
    ("POST", "/snooze", {"minutes": 5}), ("DELETE", "/snooze", None), ("POST", "/escalation", None),
    ("POST", "/assignment", {"user_id": "1"}), ("POST", "/resolution", None), ("DELETE", "/resolution", None),
    ("POST", "/incident", None), ("POST", "/notes", {"text": "x"}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "action", "body"), ACTIONS)
def test_every_action_is_refused_to_those_who_only_look_on_and_for_what_is_not_there(
    client: FlaskClient, ada: Api, cast: Cast, fire: Fire, method: str, action: str, body: Any
) -> None:
    path = f"/alerts/{fire()}{action}"
    assert_problem(Api(client, cast.eli)(method, path, body), 403)
    assert_problem(Api(client, cast.ada, "read")(method, path, body), 403)
    assert_problem(ada(method, f"/alerts/999{action}", body), 404)
    if method == "POST":
        assert_problem(ada(method, path, {"surprise": 1}), 422, "#/surprise")


def test_a_stakeholder_sees_incidents_and_no_alerts(
    client: FlaskClient, ada: Api, cast: Cast, fire: Fire
) -> None:
    id = fire()
    ada.post(f"/alerts/{id}/incident")
    eli = Api(client, cast.eli)
    assert len(eli.get("/incidents").get_json()["items"]) == 1
    for path in ("/alerts", f"/alerts/{id}", f"/alerts/{id}/timeline", "/pages", "/services"):
        assert_problem(eli.get(path), 403)
    assert eli.get("/oncall").status_code == 200
    assert eli.get("/incidents").get_json()["items"][0]["alerts"] == []
