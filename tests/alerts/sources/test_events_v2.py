"""PagerDuty Events API v2, event by event."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.alerts.sources import events_v2
from app.alerts.sources.batch import IntegrationFacts
from app.domain.alert import IncomingAlert, Link, Said
from app.domain.words import Severity

FACTS = IntegrationFacts(name="Netdata")
PAYLOAD = {"summary": "Disk 97% on db-1", "source": "db-1.example.com", "severity": "critical"}


def parse(**event: Any) -> IncomingAlert:
    parsed = events_v2.parse({"event_action": "trigger", "payload": PAYLOAD, **event}, FACTS)
    assert not parsed.problems
    (alert,) = parsed.alerts
    return alert


def problems(**event: Any) -> list[str]:
    parsed = events_v2.parse({"event_action": "trigger", "payload": PAYLOAD, **event}, FACTS)
    assert not parsed.alerts
    return [problem.pointer for problem in parsed.problems]


def test_a_full_trigger_is_taken_whole() -> None:
    alert = parse(
        dedup_key="disk/db-1",
        client="Netdata",
        client_url="https://netdata.example.com/",
        links=[{"href": "https://dash.example.com", "text": "Dash"}, {"href": "javascript:x"}, "odd"],
        images=[{"src": "https://img.example.com/x.png", "href": "https://img.example.com/", "alt": "Used"}],
        payload=PAYLOAD
        | {
            "timestamp": "2015-07-17T08:42:58.315+0000",
            "component": "disk",
            "group": "prod",
            "class": "capacity",
            "custom_details": {"used": 97, "nested": {"a": [1, 2]}, "none": None, "load": 0.75},
        },
    )
    assert alert == IncomingAlert(
        dedup_key="disk/db-1",
        title="Disk 97% on db-1",
        status=Said.FIRING,
        severity=Severity.CRITICAL,
        started_at=datetime(2015, 7, 17, 8, 42, 58, 315000, tzinfo=UTC),
        links=(
            Link("https://dash.example.com", "Dash"),
            Link("https://netdata.example.com/", "Netdata"),
            Link("https://img.example.com/", "Used"),
            Link("https://img.example.com/x.png", "Used"),
        ),
        labels={"source": "db-1.example.com", "component": "disk", "group": "prod", "class": "capacity"},
        annotations={"used": "97", "nested": '{"a":[1,2]}', "load": "0.75"},
    )


@pytest.mark.parametrize("absent", [{}, {"dedup_key": None}, {"dedup_key": ""}, {"dedup_key": "  "}])
def test_a_trigger_without_a_key_has_none_yet(absent: dict[str, Any]) -> None:
    assert parse(**absent).dedup_key is None


def test_zero_is_a_valid_key() -> None:
    assert parse(dedup_key=0).dedup_key == "0"
    assert parse(dedup_key="0").dedup_key == "0"


@pytest.mark.parametrize(("action", "said"), [("acknowledge", Said.ACKNOWLEDGED), ("resolve", Said.RESOLVED)])
def test_an_acknowledge_or_resolve_needs_its_key_and_nothing_else(action: str, said: Said) -> None:
    alert = parse(
        event_action=action, dedup_key="disk/db-1", payload={"summary": "[RESOLVED]", "severity": "no"}
    )
    assert alert == IncomingAlert(dedup_key="disk/db-1", title="", status=said)
    assert parse(event_action=action, dedup_key="k", payload=None).status is said
    assert problems(event_action=action) == ["#/dedup_key"]
    assert problems(event_action=action, dedup_key="") == ["#/dedup_key"]


def test_a_long_summary_is_cut_and_never_refused() -> None:
    assert parse(payload=PAYLOAD | {"summary": "x" * 3000}).title == "x" * 1024


@pytest.mark.parametrize("details", ["words", ["a", 1], 7])
def test_details_that_are_no_object_become_the_description(details: Any) -> None:
    alert = parse(payload=PAYLOAD | {"custom_details": details})
    assert alert.description
    assert alert.annotations == {}


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        ({"event_action": "close"}, "#/event_action"),
        ({"event_action": None}, "#/event_action"),
        ({"event_action": ["trigger"]}, "#/event_action"),
        ({"event_action": "Trigger"}, "#/event_action"),
        ({"dedup_key": "x" * 256}, "#/dedup_key"),
        ({"dedup_key": {"a": 1}}, "#/dedup_key"),
        ({"payload": PAYLOAD | {"summary": ""}}, "#/payload/summary"),
        ({"payload": PAYLOAD | {"summary": "\u200b"}}, "#/payload/summary"),
        ({"payload": PAYLOAD | {"summary": {"a": 1}}}, "#/payload/summary"),
        ({"payload": PAYLOAD | {"source": None}}, "#/payload/source"),
        ({"payload": PAYLOAD | {"severity": "CRITICAL"}}, "#/payload/severity"),
        ({"payload": PAYLOAD | {"severity": "page"}}, "#/payload/severity"),
        ({"payload": PAYLOAD | {"severity": ["info"]}}, "#/payload/severity"),
    ],
)
def test_a_bad_event_names_what_is_wrong(event: dict[str, Any], pointer: str) -> None:
    assert problems(**event) == [pointer]


def test_every_problem_is_named_at_once() -> None:
    assert problems(payload={}, dedup_key="x" * 256) == [
        "#/dedup_key", "#/payload/summary", "#/payload/source", "#/payload/severity",
    ]  # fmt: skip
    assert events_v2.parse([], FACTS).problems
    assert events_v2.parse({}, FACTS).problems
    assert problems(payload="words")[0] == "#/payload"


@pytest.mark.parametrize(
    ("document", "key"),
    [
        ({"routing_key": "a" * 32}, "a" * 32),
        ({"routing_key": "a" * 31}, None),
        ({"routing_key": 0}, None),
        ({}, None),
        ([], None),
    ],
)
def test_the_routing_key_has_32_characters(document: Any, key: str | None) -> None:
    assert events_v2.routing_key(document) == key


def test_a_change_needs_only_a_summary() -> None:
    change = events_v2.parse_change({"payload": {"summary": "deployed v1.2.3"}})
    assert change == events_v2.ChangeEvent("deployed v1.2.3", None, None, (), {})
    full = events_v2.parse_change(
        {
            "payload": {
                "summary": "x",
                "timestamp": 1785585600,
                "source": "ci",
                "custom_details": {"build": 42},
            },
            "links": [{"href": "https://ci.example.com/42", "text": "build 42"}],
        }
    )
    assert full == events_v2.ChangeEvent(
        "x",
        datetime(2026, 8, 1, 12, tzinfo=UTC),
        "ci",
        (Link("https://ci.example.com/42", "build 42"),),
        {"build": "42"},
    )
    refused = events_v2.parse_change({"payload": {}})
    assert isinstance(refused, tuple)
    assert [problem.pointer for problem in refused] == ["#/payload/summary"]
