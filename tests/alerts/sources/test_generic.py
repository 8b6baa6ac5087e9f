"""Any JSON at all, by its mapping."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.alerts.sources import generic
from app.alerts.sources.batch import IntegrationFacts, ParsedBatch
from app.alerts.sources.mapping import BadMapping, Mapping
from app.domain.alert import IncomingAlert, Link, Said
from app.domain.words import Severity


def parse(document: Any, mapping: dict[str, Any] | None) -> ParsedBatch:
    facts = IntegrationFacts(name="Nagios", mapping=None if mapping is None else Mapping.of(mapping))
    return generic.parse(document, facts)


def one(document: Any, mapping: dict[str, Any] | None) -> IncomingAlert:
    parsed = parse(document, mapping)
    assert not parsed.problems
    (alert,) = parsed.alerts
    return alert


def test_a_whole_mapping_is_followed() -> None:
    mapping = {
        "title": "attachments.0.title",
        "description": "message",
        "severity": "level",
        "severity_map": {"Disaster": "critical", "high": "P2"},
        "status": "status",
        "resolved_when": ["OK"],
        "dedup_key": "id",
        "started_at": "event.when",
        "service": "host.name",
        "link": "url",
    }
    document = {
        "attachments": [{"title": "High CPU\nutilisation"}],
        "message": "Problem started\r\nHost: db-1",
        "level": "HIGH",
        "status": "PROBLEM",
        "id": 13926,
        "event": {"when": "2026-08-01T12:00:00Z"},
        "host": {"name": "db-1"},
        "url": "https://zabbix.example.com/1",
        "value": 1,
    }
    assert one(document, mapping) == IncomingAlert(
        dedup_key="13926",
        title="High CPU utilisation",
        status=Said.FIRING,
        severity=Severity.ERROR,
        started_at=datetime(2026, 8, 1, 12, tzinfo=UTC),
        description="Problem started\nHost: db-1",
        links=(Link("https://zabbix.example.com/1", "Source"),),
        service="db-1",
        labels={"service": "db-1"},
        annotations={
            "level": "HIGH",
            "status": "PROBLEM",
            "id": "13926",
            "url": "https://zabbix.example.com/1",
            "value": "1",
        },
    )


@pytest.mark.parametrize("href", ["{$ZABBIX.URL}", "$LINK", "/relative", None, {"a": 1}])
def test_an_address_that_leads_nowhere_is_no_link(href: Any) -> None:
    assert one({"url": href}, {"link": "url"}).links == ()


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b", "x"),
        ("list.1", "second"),
        ("list[1]", "second"),
        ("$.a.b", "x"),
        ("labels.app.io/name", "dotted"),
        ("list.7", None),
        ("list.x", None),
        ("a.b.c", None),
        ("nothing", None),
        ("null.x", None),
        ("a", None),
        ("list.²", None),
        ("list.99999999999999999999", None),
    ],
)
def test_a_path_into_nothing_is_absent_and_no_error(path: str, found: str | None) -> None:
    document = {"a": {"b": "x"}, "list": ["first", "second"], "labels": {"app.io/name": "dotted"}, "null": None}
    assert one(document, {"title": path}).title == (found or "Alert from Nagios")


def test_a_key_of_several_paths_is_unambiguous() -> None:
    mapping = {"dedup_key": ["host", "service"]}
    assert one({"host": "db-1", "service": "disk /var"}, mapping).dedup_key == "db-1|disk /var"
    assert one({"host": "db-1"}, mapping).dedup_key == "db-1|"
    assert one({}, mapping).dedup_key is None
    assert one({"host": "a|b", "service": "c"}, mapping) != one({"host": "a", "service": "b|c"}, mapping)


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("", None),
        ("  ", None),
        (None, None),
        (0, "0"),
        (7.0, "7"),
        (False, "false"),
        ({"b": 1, "a": 2}, '{"a":2,"b":1}'),
    ],
)
def test_an_empty_key_counts_as_absent_and_zero_does_not(value: Any, key: str | None) -> None:
    assert one({"id": value}, {"dedup_key": "id"}).dedup_key == key


def test_other_fields_take_the_first_path_that_leads_to_something() -> None:
    assert one({"a": "", "b": "B"}, {"title": ["a", "b"], "severity": ["x", "b"]}).title == "B"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("RECOVERY", Said.RESOLVED),
        ("recovery ", Said.RESOLVED),
        ("ACK", Said.ACKNOWLEDGED),
        ("PROBLEM", Said.FIRING),
        (0, Said.RESOLVED),
        (None, Said.FIRING),
        (True, Said.RESOLVED),
    ],
)
def test_the_status_is_what_the_mapping_calls_it(word: Any, said: Said) -> None:
    mapping = {
        "status": "type",
        "dedup_key": "id",
        "resolved_when": ["Recovery", 0, True],
        "acknowledged_when": ["ack"],
    }
    assert one({"type": word, "id": "1"}, mapping).status is said


def test_what_is_to_be_ignored_is_counted_and_left() -> None:
    parsed = parse([{"type": "FLAPPING"}, {"type": "PROBLEM"}], {"status": "type", "ignore_when": "flapping"})
    assert (len(parsed.alerts), parsed.ignored, parsed.problems) == (1, 1, ())
    assert not parse({"type": "flapping"}, {"status": "type", "ignore_when": ["FLAPPING"]}).is_refused


def test_a_resolution_without_a_key_says_which_alert_nowhere() -> None:
    parsed = parse({"status": "up"}, {"status": "status", "resolved_when": ["up"]})
    assert parsed.is_refused
    assert "key" in parsed.problems[0].detail


def test_a_list_is_a_batch_and_a_half_good_one_keeps_the_good() -> None:
    parsed = parse([{"title": "one"}, "odd", {"title": "two"}, [], None], {"title": "title"})
    assert [alert.title for alert in parsed.alerts] == ["one", "two"]
    assert [problem.pointer for problem in parsed.problems] == ["#/1", "#/3", "#/4"]


@pytest.mark.parametrize("word", ["CRITICAL", "critical", "P1", " Page "])
def test_a_word_the_table_does_not_list_is_read_as_usual(word: str) -> None:
    assert one({"s": word}, {"severity": "s", "severity_map": {"x": "info"}}).severity is Severity.CRITICAL
    assert one({"s": "banana"}, {"severity": "s"}).severity is None


def test_without_a_mapping_the_usual_names_are_tried() -> None:
    alert = one({"summary": "Disk full", "priority": "P2", "state": "resolved", "dedup_key": "d"}, None)
    assert (alert.title, alert.severity, alert.status, alert.dedup_key) == (
        "Disk full", Severity.ERROR, Said.RESOLVED, "d",
    )  # fmt: skip


@pytest.mark.parametrize("document", [{}, {"title": None}, {"title": ""}, {"title": "None"}])
def test_a_title_is_never_empty(document: dict[str, Any]) -> None:
    assert one(document, {"title": "title", "description": "message"}).title == "Alert from Nagios"
    assert (
        one(document | {"message": "\nDisk full\nmore"}, {"title": "title", "description": "message"}).title
        == "Disk full"
    )


@pytest.mark.parametrize(
    ("mapping", "pointer"),
    [
        ([], "#"),
        ({"tilte": "x"}, "#/tilte"),
        ({"title": 7}, "#/title"),
        ({"title": ""}, "#/title"),
        ({"dedup_key": ["a", None]}, "#/dedup_key"),
        ({"dedup_key": ["a"] * 50}, "#/dedup_key"),
        ({"severity_map": {"a/b": "banana"}}, "#/severity_map/a~1b"),
        ({"severity_map": ["x"]}, "#/severity_map"),
        ({"resolved_when": [{"a": 1}]}, "#/resolved_when"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_with_the_place(mapping: Any, pointer: str) -> None:
    with pytest.raises(BadMapping) as refusal:
        Mapping.of(mapping)
    assert [problem.pointer for problem in refusal.value.problems] == [pointer]


def test_nulls_in_a_mapping_are_as_good_as_absent() -> None:
    assert Mapping.of({"title": None, "severity_map": None, "resolved_when": None}) == Mapping()
