"""The Alertmanager webhook, version 4: one alert per element of `alerts`, its fingerprint the key.

Grafana's unified alerting posts the same shape with a few more addresses, which are taken along.
"""

import hashlib
import json

from app.alerts.sources.batch import MOST_ALERTS, TOO_MANY, IntegrationFacts, ParsedBatch
from app.alerts.sources.document import Json, brief, members, pairs, word
from app.alerts.sources.problem import Problem
from app.domain import moment, severity, text
from app.domain.alert import IncomingAlert, Link, Said
from app.domain.link import distinct, web_link

GROUP_KEY_LIMIT = 1024

_TITLES = ("summary", "title", "description", "message")
# Where a person should look first comes first.
_ANNOTATED_LINKS = (("runbook_url", "Runbook"), ("dashboard_url", "Dashboard"))
_OWN_LINKS = (
    ("generatorURL", "Source"),
    ("dashboardURL", "Dashboard"),
    ("panelURL", "Panel"),
    ("silenceURL", "Silence"),
)


def parse(document: Json, facts: IntegrationFacts) -> ParsedBatch:
    """The alerts of one notification, each with its own status; the top one only says whether any fires."""
    body = members(document)
    alerts = body.get("alerts")
    if not isinstance(alerts, list):
        return ParsedBatch(problems=(Problem("#/alerts", "must be the list of alerts"),))
    good: list[IncomingAlert] = []
    bad: list[Problem] = []
    for index, element in enumerate(alerts[:MOST_ALERTS]):
        alert = _alert(element, body, facts)
        if isinstance(alert, str):
            bad.append(Problem(f"#/alerts/{index}", alert))
        else:
            good.append(alert)
    if len(alerts) > MOST_ALERTS:
        bad.append(TOO_MANY)
    return ParsedBatch(tuple(good), tuple(bad))


def _alert(element: Json, body: dict[str, Json], facts: IntegrationFacts) -> IncomingAlert | str:
    """One element as an alert, or the sentence that says why it is none."""
    if not isinstance(element, dict):
        return "must be an object"
    labels = pairs(element.get("labels"))
    annotations = pairs(element.get("annotations"))
    key = _key(element.get("fingerprint"), labels)
    if key is None:
        return "has neither a fingerprint nor labels, so nothing tells it from another"
    named = next((name for name in _TITLES if text.first_line(annotations.get(name, ""))), None)
    description = annotations.get("description") or annotations.get("message") or ""
    if (truncated := word(body.get("truncatedAlerts"))) and truncated != "0":
        annotations["truncatedAlerts"] = truncated
    return IncomingAlert(
        dedup_key=key,
        title=text.title(
            _title(named, annotations),
            labels.get("alertname"),
            ", ".join(f"{name}={value}" for name, value in labels.items()),
            otherwise=f"Alert from {facts.name}",
        ),
        status=_status(element.get("status"), body.get("status")),
        severity=severity.normalise(labels.get("severity")),
        started_at=moment.parse(element.get("startsAt")),
        ended_at=moment.parse(element.get("endsAt")),
        description="" if named == "description" and "\n" not in description else text.prose(description),
        links=_links(element, annotations, word(body.get("externalURL"))),
        service=brief(labels.get("service")),
        labels=labels,
        annotations=annotations,
        group_key=_group_key(body.get("groupKey")),
    )


def _title(named: str | None, annotations: dict[str, str]) -> str | None:
    if named is None:
        return None
    # A description is prose, its first line is the headline; the others are one line by intent.
    return text.first_line(annotations[named]) if named == "description" else annotations[named]


def _key(fingerprint: Json, labels: dict[str, str]) -> str | None:
    if (given := word(fingerprint)) and (key := text.key(given)):
        return key
    if not labels:
        return None
    return hashlib.sha256(json.dumps(labels, sort_keys=True).encode()).hexdigest()[:32]


def _status(own: Json, shared: Json) -> Said:
    """The element's own status, else that of the whole. A word nobody knows counts as firing: fail open."""
    said = word(own) or word(shared) or ""
    return Said.RESOLVED if said.strip().lower() == "resolved" else Said.FIRING


def _links(element: dict[str, Json], annotations: dict[str, str], external: str | None) -> tuple[Link, ...]:
    return distinct(
        [
            *(web_link(annotations.get(name), words, base=external) for name, words in _ANNOTATED_LINKS),
            *(web_link(word(element.get(name)), words, base=external) for name, words in _OWN_LINKS),
            web_link(external, "Alertmanager"),
        ]
    )


def _group_key(given: Json) -> str | None:
    """The group's key as text: it was an integer in version 3, and holds braces and quotes in version 4."""
    key = word(given)
    return text.key(key, limit=GROUP_KEY_LIMIT) if key else None
