"""F-23 for the parsers: whatever a document holds, each gives alerts that can be stored, or problems."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.alerts.sources import alertmanager, events_v2, generic
from app.alerts.sources.batch import IntegrationFacts, ParsedBatch
from app.alerts.sources.document import Json
from app.alerts.sources.mapping import Mapping
from app.domain.alert import Said

NAMES = [
    "alerts",
    "labels",
    "annotations",
    "fingerprint",
    "status",
    "startsAt",
    "endsAt",
    "summary",
    "alertname",
    "severity",
    "groupKey",
    "externalURL",
    "generatorURL",
    "truncatedAlerts",
    "event_action",
    "payload",
    "source",
    "dedup_key",
    "custom_details",
    "links",
    "href",
    "images",
    "client_url",
    "title",
    "link",
    "timestamp",
    "0",
]
WORDS = [
    "trigger",
    "resolve",
    "acknowledge",
    "critical",
    "resolved",
    "http://a.example/",
    "2026-08-01T12:00:00Z",
    "",
]
ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=12)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), ANY_TEXT,
    st.sampled_from(WORDS),
)  # fmt: skip
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(NAMES), ANY_TEXT), inner, max_size=6),
    ),
    max_leaves=25,
)
MAPPING = Mapping.of(
    {
        "title": "summary",
        "dedup_key": ["labels.severity", "fingerprint"],
        "severity": "severity",
        "link": ["link", "href"],
        "status": "status",
        "resolved_when": ["resolved"],
        "started_at": "timestamp",
        "service": "source",
        "description": "annotations.0",
    }
)


@pytest.mark.parametrize(
    ("parse", "facts"),
    [
        (events_v2.parse, IntegrationFacts("x")),
        (alertmanager.parse, IntegrationFacts("x")),
        (generic.parse, IntegrationFacts("x")),
        (generic.parse, IntegrationFacts("", MAPPING)),
    ],
)
@given(document=DOCUMENTS)
def test_F23_any_document_gives_storable_alerts_or_problems(
    parse: Callable[[Json, IntegrationFacts], ParsedBatch], facts: IntegrationFacts, document: Json
) -> None:
    parsed = parse(document, facts)
    for alert in parsed.alerts:
        assert alert.title or (alert.status is not Said.FIRING and alert.dedup_key)
        assert len(alert.title) <= 1024
        assert alert.dedup_key is None or alert.dedup_key.strip()
        everything = json.dumps(
            [
                alert.title, alert.dedup_key, alert.description, alert.service, alert.group_key,
                dict(alert.labels), dict(alert.annotations), [[link.href, link.text] for link in alert.links],
            ],
            ensure_ascii=False,
        )  # fmt: skip
        assert "\\u0000" not in everything.replace("\\\\", "")  # a NUL, and not the text of its escape
        everything.encode()
    json.dumps([[problem.pointer, problem.detail] for problem in parsed.problems]).encode()
    events_v2.parse_change(document)
    events_v2.routing_key(document)
