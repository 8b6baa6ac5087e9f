"""SEC-16: who may do what, for every operation and every kind of person, as a table that reviews look at."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.database import transaction
from tests.support.api import Api
from tests.support.api_house import House

DATA = Path(__file__).parents[2] / "data"
TABLE = DATA / "api_rights.json"
PATHS = json.loads((DATA / "openapi.json").read_text())["paths"]

SPAN = {"start": "2026-11-13T03:00:00Z", "end": "2026-11-13T05:00:00Z"}
SCHEDULE = {"name": "Other", "team_id": "1", "time_zone": "UTC"}
POLICY = {"name": "Other", "team_id": "1", "steps": []}
DEVICE = {"endpoint": "https://fcm.googleapis.com/x", "keys": {"p256dh": "x", "auth": "y"}}  # 422 is let in
BODIES: dict[str, Any] = {
    "create_team": {"name": "Other"},
    "change_a_team": {"name": "Other"},
    "create_user": {"email": "gus@nightbell.example", "name": "Gus", "role": "responder"},
    "change_a_user": {"role": "stakeholder"},
    "invite": {"emails": ["gus@nightbell.example"], "role": "stakeholder"},
    "create_service": {"name": "other", "team_id": "1"},
    "change_service": {"description": "Other."},
    "create_integration": {"name": "Other", "kind": "generic", "service_id": "1"},
    "change_an_integration": {"name": "Other"},
    "create_push_subscription": {
        "endpoint": "https://fcm.googleapis.com/x",
        "keys": {"p256dh": "x", "auth": "y"},
    },
    "change_push_subscription": {"device": "Other"},
    "create_schedule": SCHEDULE,
    "replace_schedule": SCHEDULE,
    "create_override": {"schedule_id": "1", "user_id": "2", **SPAN},
    "create_time_off": {"user_id": "2", **SPAN},
    "create_escalation_policy": POLICY,
    "replace_escalation_policy": POLICY,
    "snooze_alert": {"minutes": 5},
    "assign_alert": {"user_id": "2"},
    "note_on_alert": {"text": "x"},
    "change_incident": {"severity": "sev3"},
    "note_on_incident": {"text": "x"},
}
OTHER = {"user": "2", "alert": "2"}  # Ben, and the alert of no incident


@pytest.fixture
def house(app: APIFlask) -> House:
    with transaction():
        return House()


def test_SEC16_every_operation_is_open_to_whom_the_table_says(
    client: FlaskClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a change that is meant: NIGHTBELL_WRITE_SNAPSHOT=1 bin/test tests/web/api/test_rights.py"""
    askers = {
        "nobody": None,
        "stakeholder": Api(client, house.eli),
        "responder_of_another_team": Api(client, house.dan),
        "member": Api(client, house.ada),
        "manager_of_the_team": Api(client, house.finn),
        "manager": Api(client, house.mara),
        "administrator": Api(client, house.root),
        "administrator_with_scope_write": Api(client, house.root, "write"),
        "administrator_with_scope_read": Api(client, house.root, "read"),
    }
    # every change is undone, so that each question finds the same house
    monkeypatch.setattr(Session, "commit", lambda session: session.rollback())
    found = {
        operation["operationId"]: {
            who: _status(client, asker, method, path, operation) for who, asker in askers.items()
        }
        for path, methods in PATHS.items()
        for method, operation in methods.items()
    }
    if os.environ.get("NIGHTBELL_WRITE_SNAPSHOT"):
        TABLE.write_text(json.dumps(found, indent=1) + "\n")
    assert found == json.loads(TABLE.read_text())


def _status(client: FlaskClient, asker: Api | None, method: str, path: str, operation: dict[str, Any]) -> int:
    address = re.sub(r"\{(\w+)_id\}", lambda held: OTHER[held[1]], path).replace("{id}", "1")
    body = BODIES.get(operation["operationId"], {}) if "requestBody" in operation else None
    asked = {"service": "1"} if operation["operationId"] == "show_explanation" else None
    if asker is None:
        sent = {} if body is None else {"json": body}
        return client.open(address, method=method.upper(), query_string=asked, **sent).status_code
    return asker(method.upper(), address.removeprefix("/api/v1"), body, query_string=asked).status_code
