"""Every recorded request, sent to the app on both databases, becomes what its file says."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app import clock
from app.alerts import escalate, integrations
from app.alerts.models import Alert
from app.alerts.sources.kinds import Kind
from app.database import db, transaction
from app.domain import moment
from app.domain.words import AlertStatus, PageKind
from app.paging.models import Page
from tests.support import corpus
from tests.support.cast import Cast

STATUSES = {
    "firing": AlertStatus.TRIGGERED,
    "acknowledged": AlertStatus.ACKNOWLEDGED,
    "resolved": AlertStatus.RESOLVED,
}


@pytest.mark.parametrize("name", corpus.NAMES)
def test_a_recorded_request_becomes_what_its_file_says(client: FlaskClient, name: str) -> None:
    case = corpus.load(name)
    key = open_door(case)
    for earlier in case.get("setup", []):
        assert corpus.send(client, corpus.load(earlier), key).status_code < 300
    pages_before = page_everybody_due()

    response = corpus.send(client, case, key)

    expected = case["expected"]
    assert response.status_code in expected["http_status"], response.text
    assert response.mimetype in ("application/json", "application/problem+json")
    check_answer(response.get_json(), expected)
    alerts = list(db.session.scalars(sa.select(Alert).order_by(Alert.id)))
    if "alert_count" in expected:
        assert len(alerts) == expected["alert_count"]
    assert len(alerts) <= expected.get("alert_count_max", len(alerts))
    for described in expected.get("alerts", []):
        assert any(fits(alert, described) for alert in alerts), (described, [vars(alert) for alert in alerts])
    if "open_alerts" in expected:
        assert sum(alert.is_open for alert in alerts) == expected["open_alerts"]
    if "group_key" in expected:
        assert {alert.group_key for alert in alerts} == {expected["group_key"]}
    if "new_pages" in expected:
        assert page_everybody_due() - pages_before == expected["new_pages"]


def open_door(case: dict[str, Any]) -> str:
    """An integration of the case's kind; its key."""
    with transaction():
        _, key = integrations.create(
            service=Cast().checkout,
            name=case["source"],
            kind=Kind(corpus.KINDS[case["source"]]),
            mapping=case.get("mapping"),
            by=None,
            at=clock.now(),
        )
    return key


def page_everybody_due() -> int:
    """Take the engine's due steps; how many pages there are then."""
    with transaction():
        for alert_id in escalate.due(clock.now()):
            escalate.advance(alert_id, at=clock.now())
    return db.session.query(Page).where(Page.kind == PageKind.PAGE).count()


def check_answer(answer: dict[str, Any], expected: dict[str, Any]) -> None:
    assert {name: answer.get(name) for name in expected.get("response_json", {})} == expected.get(
        "response_json", {}
    )
    assert set(expected.get("response_json_has", [])) <= set(answer)


def fits(alert: Alert, described: dict[str, Any]) -> bool:
    """Whether the alert is the one the file describes."""
    return (
        STATUSES[described["status"]] is alert.status
        and all(part in alert.title for part in described.get("title_contains", []))
        and alert.severity in described.get("severity", [alert.severity])
        and alert.dedup_key == described.get("dedup_key", alert.dedup_key)
        and alert.started_at == (moment.parse(described.get("started_at")) or alert.started_at)
        and alert.source_service == described.get("service", alert.source_service)
        and set(described.get("links", [])) <= {link["href"] for link in alert.links}
    )
