"""Whatever a program sends: an answer that says what is wrong, never a 500."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.database import transaction
from tests.support import fuzz
from tests.support.api import Api
from tests.support.api_house import House

DOCUMENT = json.loads((Path(__file__).parents[2] / "data" / "openapi.json").read_text())
SHAPES = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
FUZZ = settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def anybody(app: APIFlask, client: FlaskClient) -> Api:
    """The administrator, in a house where there is one of everything."""
    with transaction():
        house = House()
    return Api(client, house.root)


def _id(operation: tuple[str, str, Any]) -> str:
    return str(operation[2]["operationId"])


@pytest.mark.parametrize("operation", OPERATIONS, ids=_id)
def test_no_body_and_no_parameter_ends_in_a_500(
    app: APIFlask, anybody: Api, operation: tuple[str, str, dict[str, Any]]
) -> None:
    method, path, described = operation
    content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    names = [each["name"] for each in described["parameters"] if each["in"] == "query"]
    bodies = fuzz.body(content["schema"], SHAPES) if content else st.none()
    parameters = (
        st.lists(st.tuples(st.sampled_from(names), fuzz.parameter()), max_size=3) if names else st.none()
    )

    @FUZZ
    @given(bodies, parameters, fuzz.IDS, fuzz.IDS)
    def send(body: Any, asked: Any, id: str, other: str) -> None:
        address = re.sub(r"\{id\}", id, re.sub(r"\{\w+_id\}", other, path)).removeprefix("/api/v1")
        options = {"query_string": asked} if asked else {}
        if content:
            # surrogates and the like go out as JSON escapes, as programs send them
            options |= {"data": json.dumps(body), "content_type": "application/json"}
        answer = anybody(method, address, **options)
        assert answer.status_code < 500, (answer.get_json(), body, asked)
        if answer.status_code >= 400:
            assert answer.mimetype == "application/problem+json"

    send()
