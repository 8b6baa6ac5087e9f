"""The doors: keys, answers, bounds, and what is kept."""

import base64
import gzip
import json
import logging
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from app import clock
from app.alerts import integrations
from app.alerts.models import Alert, Escalation, Integration, IntegrationKey, RawRequest
from app.alerts.sources.kinds import Kind
from app.alerts.sources.mapping import BadMapping
from app.database import db, transaction
from app.domain.words import AlertStatus, Severity
from app.timeline.models import Event
from app.web import intake
from tests.support.cast import Cast, give_key
from tests.support.clock import TestClock

TRIGGER: dict[str, Any] = {
    "event_action": "trigger",
    "dedup_key": "disk/db-1",
    "payload": {"summary": "Disk 97% on db-1", "source": "db-1", "severity": "critical"},
}


@pytest.fixture
def cast(client: FlaskClient) -> Cast:
    with transaction():
        return Cast()


def door(cast: Cast, kind: Kind = Kind.GENERIC, **changes: Any) -> str:
    """An integration of checkout-api; its key."""
    with transaction():
        _, key = integrations.create(
            service=cast.checkout, name=f"{kind} door", kind=kind, by=None, at=clock.now(), **changes
        )
    return key


def enqueue(client: FlaskClient, key: str, **changes: Any) -> TestResponse:
    return client.post("/v2/enqueue", json=TRIGGER | {"routing_key": key} | changes)


def behind(key: str) -> Integration:
    """The row of the open integration with this key."""
    found = integrations.find_by_key(key, at=clock.now())
    assert found is not None
    return db.session.get_one(Integration, found.id)


def alerts() -> list[Alert]:
    return list(db.session.scalars(sa.select(Alert).order_by(Alert.id)))


def raw_requests() -> list[RawRequest]:
    return list(db.session.scalars(sa.select(RawRequest).order_by(RawRequest.id)))


def test_INV1_an_accepted_event_has_its_alert_its_timer_its_event_and_its_request(
    client: FlaskClient, cast: Cast
) -> None:
    response = enqueue(client, door(cast, Kind.EVENTS_V2))
    assert (response.status_code, response.get_json()) == (
        202, {"status": "success", "message": "Event processed", "dedup_key": "disk/db-1"},
    )  # fmt: skip
    (alert,) = alerts()
    assert (alert.service_id, alert.team_id, alert.status) == (
        cast.checkout.id, cast.payments.id, AlertStatus.TRIGGERED,
    )  # fmt: skip
    assert db.session.scalar(sa.select(Escalation.next_due_at).where(Escalation.alert_id == alert.id))
    assert db.session.scalar(sa.select(Event.kind).where(Event.subject_kind == "alert")) == "triggered"
    assert [raw.alert_count for raw in raw_requests()] == [1]


def test_a_trigger_without_a_key_is_told_the_one_made_for_it(client: FlaskClient, cast: Cast) -> None:
    key = door(cast, Kind.EVENTS_V2)
    first, second = (enqueue(client, key, dedup_key=None).get_json()["dedup_key"] for _ in range(2))
    assert first != second
    assert enqueue(client, key, event_action="resolve", dedup_key=first).status_code == 202
    assert [alert.status for alert in alerts()] == [AlertStatus.RESOLVED, AlertStatus.TRIGGERED]


def test_a_key_is_never_shared_between_integrations(client: FlaskClient, cast: Cast) -> None:
    ours, theirs = door(cast, Kind.EVENTS_V2), door(cast, Kind.EVENTS_V2)
    enqueue(client, ours)
    assert enqueue(client, theirs, event_action="resolve").status_code == 202
    assert [alert.status for alert in alerts()] == [AlertStatus.TRIGGERED]


def test_firing_after_resolved_is_a_new_alert(client: FlaskClient, cast: Cast) -> None:
    key = door(cast, Kind.EVENTS_V2)
    for action in ("trigger", "resolve", "trigger"):
        enqueue(client, key, event_action=action)
    assert [alert.status for alert in alerts()] == [AlertStatus.RESOLVED, AlertStatus.TRIGGERED]


@pytest.mark.parametrize("action", ["resolve", "acknowledge"])
def test_INV18_a_report_about_nothing_open_is_accepted_and_opens_nothing(
    client: FlaskClient, cast: Cast, action: str
) -> None:
    assert enqueue(client, door(cast, Kind.EVENTS_V2), event_action=action).status_code == 202
    assert alerts() == []


@pytest.mark.parametrize("routing_key", ["x" * 32, "short", "", None, 7, "\ud800" * 32, "é" * 32])
@pytest.mark.parametrize("path", ["/v2/enqueue", "/v2/change/enqueue"])
def test_a_wrong_routing_key_is_an_invalid_event(
    client: FlaskClient, cast: Cast, path: str, routing_key: Any
) -> None:
    response = client.post(path, json=TRIGGER | {"routing_key": routing_key})
    answer = response.get_json()
    assert response.status_code == 400
    assert (answer["status"], answer["message"]) == ("invalid event", "Event object is invalid")
    assert len(answer["errors"]) == 1


def test_another_kind_of_integration_is_no_door_for_events(client: FlaskClient, cast: Cast) -> None:
    with transaction():
        integration = db.session.get_one(Integration, cast.integration.id)
        integration.kind = "generic"
        give_key(integration, "k" * 32)
    assert enqueue(client, "k" * 32).status_code == 400


def test_an_integration_for_events_has_an_address_too(client: FlaskClient, cast: Cast) -> None:
    response = client.post(f"/intake/{door(cast, Kind.EVENTS_V2)}", json=TRIGGER)
    assert response.status_code == 202
    assert response.get_json()["alerts"] == [
        {"id": str(alerts()[0].id), "dedup_key": "disk/db-1", "outcome": "opened"}
    ]


def test_a_change_is_on_the_timeline_of_its_service_and_pages_nobody(client: FlaskClient, cast: Cast) -> None:
    change = {"payload": {"summary": "deployed\nv1.2.3", "source": "ci", "custom_details": {"build": 42}}}
    response = client.post("/v2/change/enqueue", json=change | {"routing_key": door(cast, Kind.EVENTS_V2)})
    assert (response.status_code, response.get_json()["status"]) == (202, "success")
    event = db.session.scalars(sa.select(Event).where(Event.kind == "change")).one()
    assert (event.subject_kind, event.subject_id) == ("service", cast.checkout.id)
    assert (event.data["summary"], event.data["source"], event.data["details"]) == (
        "deployed v1.2.3", "ci", {"build": "42"},
    )  # fmt: skip
    assert alerts() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer {key}"},
        {"Authorization": "Basic " + base64.b64encode(b"alertmanager:{key}").decode()},
        {"Authorization": "Basic " + base64.b64encode(b"{key}:").decode()},
    ],
)
def test_the_key_may_come_in_the_authorization_header(
    client: FlaskClient, cast: Cast, headers: dict[str, str]
) -> None:
    key = door(cast)
    scheme, value = headers["Authorization"].split(" ")
    value = (
        value.replace("{key}", key)
        if scheme == "Bearer"
        else base64.b64encode(base64.b64decode(value).replace(b"{key}", key.encode())).decode()
    )
    response = client.post("/intake", json={"title": "x"}, headers={"Authorization": f"{scheme} {value}"})
    assert response.status_code == 202
    assert len(alerts()) == 1


def test_an_unknown_key_is_refused_in_problem_details(client: FlaskClient, cast: Cast) -> None:
    unknown = client.post("/intake/nbi_wrong", json={"title": "x"})
    missing = client.post("/intake", json={"title": "x"})
    wrong = client.post("/intake", json={"title": "x"}, headers={"Authorization": "Bearer nbi_wrong"})
    assert [response.status_code for response in (unknown, missing, wrong)] == [404, 401, 401]
    assert {response.mimetype for response in (unknown, missing, wrong)} == {"application/problem+json"}
    assert "WWW-Authenticate" in missing.headers
    assert "nbi_wrong" not in unknown.text


def test_a_closed_or_renewed_door_no_longer_opens(client: FlaskClient, cast: Cast) -> None:
    old = door(cast)
    with transaction():
        new = integrations.replace_keys(behind(old), by=None, at=clock.now())
    assert client.post(f"/intake/{old}", json={"title": "x"}).status_code == 404
    assert client.post(f"/intake/{new}", json={"title": "x"}).status_code == 202
    with transaction():
        behind(new).is_active = False
    assert client.post(f"/intake/{new}", json={"title": "x"}).status_code == 404


@pytest.mark.parametrize("path", ["/v2/enqueue", "/v2/change/enqueue", "/intake", "/intake/nbi_x"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_refused_in_json(client: FlaskClient, path: str, method: str) -> None:
    response = client.open(path, method=method)
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert response.is_json


def test_SEC4_no_key_is_kept_only_its_hash_and_first_characters(client: FlaskClient, cast: Cast) -> None:
    keys = [door(cast, kind) for kind in Kind]
    assert [len(key) for key in keys] == [32, 47, 47, 47]
    assert len(set(keys)) == 4
    others = IntegrationKey.integration_id != cast.integration.id
    kept = list(db.session.scalars(sa.select(IntegrationKey).where(others).order_by(IntegrationKey.id)))
    assert [row.prefix for row in kept] == [key[:8] for key in keys]
    assert not {row.key_hash for row in kept} & set(keys)


@pytest.mark.parametrize("spelling", ["plain", "escaped"])
def test_SEC4_the_request_is_kept_without_its_routing_key(
    client: FlaskClient, cast: Cast, spelling: str
) -> None:
    key = door(cast, Kind.EVENTS_V2)
    body = json.dumps(TRIGGER | {"routing_key": key})
    if spelling == "escaped":
        body = body.replace(key, f"\\u{ord(key[0]):04x}{key[1:]}")
    assert client.post("/v2/enqueue", data=body).status_code == 202
    (raw,) = raw_requests()
    assert key not in json.dumps(json.loads(raw.body))
    assert json.loads(raw.body)["payload"] == TRIGGER["payload"]


def test_the_request_is_kept_inflated_and_bounded(client: FlaskClient, cast: Cast) -> None:
    body = gzip.compress(json.dumps({"title": "x", "blob": "y" * 500_000}).encode())
    response = client.post(
        f"/intake/{door(cast)}", data=body, headers={"Content-Encoding": "gzip", "Content-Type": "text/plain"}
    )
    assert response.status_code == 202
    (raw,) = raw_requests()
    assert (raw.content_type, len(raw.body)) == ("text/plain", 256 * 1024)
    assert raw.body.startswith(b'{"title": "x"')


@pytest.mark.parametrize(
    ("path", "limit"), [("/v2/enqueue", intake.EVENTS_LIMIT), ("/intake/{key}", intake.LIMIT)]
)
def test_SEC24_a_body_over_its_limit_is_413_also_once_inflated(
    client: FlaskClient, cast: Cast, path: str, limit: int
) -> None:
    path = path.format(key=door(cast))
    whole = b" " * (limit + 1)
    for body, headers in ((whole, {}), (gzip.compress(whole), {"Content-Encoding": "gzip"})):
        response = client.post(path, data=body, headers=headers)
        assert response.status_code == 413
        assert response.is_json
    assert client.post(path, data=b" " * limit).status_code == 400
    assert raw_requests() == []


def test_a_body_sent_in_chunks_has_the_same_limit(client: FlaskClient, cast: Cast) -> None:
    path = f"/intake/{door(cast)}"
    for size, status in ((100, 202), (intake.LIMIT + 1, 413), (5 * 1024 * 1024, 413)):
        body = json.dumps({"title": "x", "blob": "y" * size}).encode()
        response = client.post(
            path,
            input_stream=BytesIO(body),
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert response.status_code == status, response.text
    assert len(alerts()) == 1


def test_a_body_that_breaks_off_is_not_taken(client: FlaskClient, cast: Cast) -> None:
    path = f"/intake/{door(cast)}"
    broken, unknown = (
        client.post(path, input_stream=BytesIO(b'{"title": "x"}'), environ_overrides={"CONTENT_LENGTH": length})
        for length in ("20", "")
    )
    assert [broken.status_code, unknown.status_code] == [400, 400]
    assert alerts() == []


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"null", "application/json", 400),
        (b"7", "text/plain", 400),
        (b'{"title": "cut', "application/json", 400),
        (b'{"title": NaN}', "application/json", 400),
        (b"<alert/>", "text/xml", 415),
        (b"words", "text/plain", 415),
        (b"[1]", "application/json", 422),
    ],
)
def test_a_body_that_is_no_alert_is_refused_in_words(
    client: FlaskClient, cast: Cast, body: bytes, content_type: str, status: int
) -> None:
    response = client.post(f"/intake/{door(cast)}", data=body, content_type=content_type)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    answer = response.get_json()
    assert answer["status"] == status
    assert answer["title"]
    assert answer["detail"]
    assert alerts() == []
    assert raw_requests() == []


def test_a_half_good_batch_keeps_the_good_and_tells_the_rest(client: FlaskClient, cast: Cast) -> None:
    response = client.post(
        f"/intake/{door(cast)}",
        json=[{"title": "one"}, "odd", {"title": "two", "severity": "P2"}, None],
    )
    assert response.status_code == 202
    answer = response.get_json()
    assert [taken["outcome"] for taken in answer["alerts"]] == ["opened", "opened"]
    assert [problem["pointer"] for problem in answer["problems"]] == ["#/1", "#/3"]
    assert [alert.title for alert in alerts()] == ["one", "two"]


def test_INV17_the_same_request_again_changes_nothing_but_counters(client: FlaskClient, cast: Cast) -> None:
    key = door(cast, Kind.EVENTS_V2)
    for _ in range(3):
        enqueue(client, key)
    (alert,) = alerts()
    assert alert.occurrences == 3
    kinds = db.session.scalars(sa.select(Event.kind).where(Event.subject_kind == "alert").order_by(Event.id))
    assert list(kinds) == ["triggered", "repeated", "repeated"]


def test_an_unknown_severity_is_the_integrations_default(client: FlaskClient, cast: Cast) -> None:
    key = door(cast, default_severity=Severity.WARNING)
    client.post(f"/intake/{key}", json={"title": "x", "severity": "banana"})
    assert alerts()[0].severity is Severity.WARNING


def test_an_integration_notes_its_use_to_the_minute(client: FlaskClient, cast: Cast, clock: TestClock) -> None:
    key, first = door(cast), clock()
    for seconds, noted in ((0, 0), (59, 0), (1, 60)):
        clock.advance(seconds=seconds)
        client.post(f"/intake/{key}", json={"title": "x"})
        last_used_at = behind(key).last_used_at
        assert last_used_at is not None
        assert (last_used_at - first).total_seconds() == noted


def test_a_mapping_that_cannot_work_is_refused_when_it_is_made(cast: Cast) -> None:
    with pytest.raises(BadMapping, match="not a field"):
        door(cast, mapping={"tilte": "x"})


@pytest.mark.parametrize("kind", [Kind.EVENTS_V2, Kind.GENERIC])
def test_INV1_what_cannot_be_committed_is_503_and_nothing_of_it_is_kept(
    client: FlaskClient, cast: Cast, caplog: pytest.LogCaptureFixture, kind: Kind
) -> None:
    key = door(cast, kind)

    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    sa.event.listen(db.session(), "before_commit", full)
    try:
        with caplog.at_level(logging.ERROR):
            response = (
                enqueue(client, key)
                if kind is Kind.EVENTS_V2
                else client.post(f"/intake/{key}", json={"title": "x"})
            )
    finally:
        sa.event.remove(db.session(), "before_commit", full)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert response.is_json
    assert alerts() == []
    assert raw_requests() == []
    assert key not in caplog.text
    assert "disk is full" in caplog.text
