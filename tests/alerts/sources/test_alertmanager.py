"""The Alertmanager webhook, element by element."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.alerts.sources import alertmanager
from app.alerts.sources.batch import MOST_ALERTS, IntegrationFacts
from app.domain.alert import IncomingAlert, Link, Said
from app.domain.words import Severity

FACTS = IntegrationFacts(name="Prometheus eu1")
LABELS = {"alertname": "HighLatency", "instance": "web-1:9100", "service": "checkout", "severity": "critical"}
ELEMENT = {
    "status": "firing",
    "labels": LABELS,
    "annotations": {"summary": "p99 latency 2.4s", "description": "Übersicht\nsecond line"},
    "startsAt": "2026-11-23T15:30:19.025635536Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prom.example.com/graph?g0.expr=up",
    "fingerprint": "deea25a2671669f7",
}


def one(*, body: dict[str, Any] | None = None, **changes: Any) -> IncomingAlert:
    parsed = alertmanager.parse({"status": "firing", "alerts": [ELEMENT | changes], **(body or {})}, FACTS)
    assert not parsed.problems
    (alert,) = parsed.alerts
    return alert


def test_an_element_is_taken_whole() -> None:
    group_key = '{}/{}:{alertname="HighLatency"}'
    alert = one(body={"groupKey": group_key, "externalURL": "http://am.example.com:9093", "truncatedAlerts": 0})
    assert alert == IncomingAlert(
        dedup_key="deea25a2671669f7",
        title="p99 latency 2.4s",
        status=Said.FIRING,
        severity=Severity.CRITICAL,
        started_at=datetime(2026, 11, 23, 15, 30, 19, 25635, tzinfo=UTC),
        description="Übersicht\nsecond line",
        links=(
            Link("http://prom.example.com/graph?g0.expr=up", "Source"),
            Link("http://am.example.com:9093", "Alertmanager"),
        ),
        service="checkout",
        labels=LABELS,
        annotations={"summary": "p99 latency 2.4s", "description": "Übersicht\nsecond line"},
        group_key=group_key,
    )


@pytest.mark.parametrize(
    ("annotations", "title"),
    [
        ({"summary": "S", "title": "T", "description": "D"}, "S"),
        ({"summary": " ", "title": "T", "description": "D"}, "T"),
        ({"description": "\nFirst line.\nSecond."}, "First line."),
        ({"message": "M"}, "M"),
        ({"summary": "two\nlines"}, "two lines"),
        ({"summary": None, "title": 7}, "7"),
        ({}, "HighLatency"),
        (None, "HighLatency"),
        ([], "HighLatency"),
    ],
)
def test_the_title_is_the_best_there_is(annotations: Any, title: str) -> None:
    assert one(annotations=annotations).title == title


def test_without_a_name_the_labels_are_the_title() -> None:
    assert one(annotations={}, labels={"job": "node", "instance": "db-1"}).title == "job=node, instance=db-1"
    assert one(annotations={}, labels={}).title == "Alert from Prometheus eu1"


def test_each_element_has_its_own_status() -> None:
    assert one(status="resolved").status is Said.RESOLVED
    assert one(status="firing", body={"status": "resolved"}).status is Said.FIRING
    assert one(status=None, body={"status": "resolved"}).status is Said.RESOLVED
    assert one(status="suppressed").status is Said.FIRING
    assert one(status="resolved", endsAt="2026-11-23T15:31:00Z").ended_at == datetime(
        2026, 11, 23, 15, 31, tzinfo=UTC
    )


def test_without_a_fingerprint_the_sorted_labels_are_the_key() -> None:
    key = one(fingerprint="").dedup_key
    assert key
    assert one(fingerprint=None, labels=dict(reversed(LABELS.items()))).dedup_key == key
    assert one(fingerprint=None, labels=LABELS | {"severity": "warning"}).dedup_key != key
    assert one(fingerprint=None, annotations={"summary": "changed"}).dedup_key == key


def test_links_put_the_runbook_first_and_resolve_against_the_source() -> None:
    alert = one(
        annotations={"runbook_url": "https://wiki.example.com/rb", "dashboard_url": "/d/1"},
        generatorURL="/graph",
        silenceURL="https://{{ .x }}/",
        body={"externalURL": "http://am.example.com/"},
    )
    assert [link.href for link in alert.links] == [
        "https://wiki.example.com/rb", "http://am.example.com/d/1", "http://am.example.com/graph", "http://am.example.com/",
    ]  # fmt: skip


def test_the_group_key_is_text_whatever_the_version() -> None:
    assert one(body={"groupKey": 12345}).group_key == "12345"
    assert one(body={"groupKey": ""}).group_key is None
    assert one().group_key is None
    assert len(one(body={"groupKey": "x" * 9000}).group_key or "") == alertmanager.GROUP_KEY_LIMIT


def test_what_the_source_left_out_is_said() -> None:
    assert one(body={"truncatedAlerts": 12}).annotations["truncatedAlerts"] == "12"


def test_odd_label_values_become_text_and_blank_ones_go() -> None:
    assert one(labels={"a": 1, "b": None, "c": "", "d": True, "e": {"f": [1.0]}}).labels == {
        "a": "1", "d": "true", "e": '{"f":[1.0]}',
    }  # fmt: skip


def test_a_half_good_batch_keeps_the_good_members() -> None:
    parsed = alertmanager.parse({"alerts": ["odd", ELEMENT, {}, {"labels": "odd"}, None]}, FACTS)
    assert [alert.dedup_key for alert in parsed.alerts] == ["deea25a2671669f7"]
    assert [problem.pointer for problem in parsed.problems] == [
        "#/alerts/0", "#/alerts/2", "#/alerts/3", "#/alerts/4",
    ]  # fmt: skip
    assert not parsed.is_refused


@pytest.mark.parametrize("document", [{}, [], {"alerts": None}, {"alerts": {}}, {"alerts": [1]}])
def test_a_body_without_alerts_is_refused(document: Any) -> None:
    assert alertmanager.parse(document, FACTS).is_refused


def test_no_alerts_is_nothing_to_do() -> None:
    parsed = alertmanager.parse({"alerts": []}, FACTS)
    assert parsed.alerts == ()
    assert not parsed.is_refused


def test_SEC24_a_request_has_at_most_so_many_alerts() -> None:
    parsed = alertmanager.parse({"alerts": [{"fingerprint": str(n)} for n in range(MOST_ALERTS + 1)]}, FACTS)
    assert len(parsed.alerts) == MOST_ALERTS
    assert len(parsed.problems) == 1
