"""F-23: whatever is sent to an intake, the answer is JSON and says whose fault it is; never a 5xx."""

import gzip
import json
from typing import Any

import pytest
from apiflask import APIFlask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import clock
from app.alerts import integrations
from app.alerts.sources.kinds import Kind
from app.database import transaction
from tests.alerts.sources.test_any_document import DOCUMENTS
from tests.support.cast import Cast

BODIES = st.one_of(
    DOCUMENTS.map(lambda document: json.dumps(document).encode()),
    st.lists(DOCUMENTS, max_size=4).map(lambda alerts: json.dumps({"alerts": alerts}).encode()),
    st.binary(max_size=200),
    st.sampled_from(
        [
            b'{"a":' * 5_000,
            b"[" * 100_000,
            b'{"title": "\\u0000\\ud800"}',
            b'{"title": 1e400}',
            b"a=%00&title=%ff",
            b'{"title": ' + b"9" * 4_000 + b"}",
            b'{"a": 1, "a": 2}',
            b"\xff\xfe{\x00}\x00",
            gzip.compress(b"{}"),
        ]
    ),
)
TYPES = st.sampled_from(
    [
        "application/json",
        "text/plain",
        "",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "application/json; charset=utf-16",
        "multipart/form-data",
        "\x7f",
    ]
)
EVENTS = st.fixed_dictionaries(
    {
        "event_action": st.sampled_from(["trigger", "acknowledge", "resolve"]),
        "dedup_key": DOCUMENTS,
        "payload": st.fixed_dictionaries(
            {
                "summary": st.text(alphabet=st.characters(codec=None), min_size=1, max_size=20),
                "source": st.just("db-1"),
                "severity": st.sampled_from(["critical", "info"]),
                "timestamp": DOCUMENTS,
                "custom_details": DOCUMENTS,
            }
        ),
        "links": DOCUMENTS,
    }
)
FUZZ = settings(
    deadline=2_000,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def a_key(kind: Kind) -> str:
    with transaction():
        _, key = integrations.create(service=Cast().checkout, name="door", kind=kind, by=None, at=clock.now())
    return key


@pytest.mark.parametrize("kind", list(Kind))
def test_F23_whatever_is_sent_is_answered_in_json_and_never_by_a_5xx(app: APIFlask, kind: Kind) -> None:
    key, client = a_key(kind), app.test_client()

    @FUZZ
    @given(body=BODIES, content_type=TYPES, encoding=st.sampled_from(["", "gzip", "br"]))
    def anything(body: bytes, content_type: str, encoding: str) -> None:
        for path in (f"/intake/{key}", "/v2/enqueue", "/v2/change/enqueue"):
            response = client.post(
                path, data=body, headers={"Content-Type": content_type, "Content-Encoding": encoding}
            )
            assert response.status_code < 500, response.text
            assert response.is_json
            json.loads(response.text)

    anything()


def test_F23_a_well_formed_event_with_any_content_is_taken(app: APIFlask) -> None:
    key, client = a_key(Kind.EVENTS_V2), app.test_client()

    @FUZZ
    @given(event=EVENTS)
    def event_with(event: dict[str, Any]) -> None:
        response = client.post("/v2/enqueue", data=json.dumps(event | {"routing_key": key}))
        assert response.status_code in (202, 400), response.text
        if response.status_code == 202:
            assert response.get_json()["dedup_key"]

    event_with()
