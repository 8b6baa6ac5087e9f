"""The document: valid, complete, the same as the snapshot that reviews look at."""

import json
import os
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from app import create_app
from app.web.api import docs
from tests.support.databases import settings_for

SNAPSHOT = Path(__file__).parents[2] / "data" / "openapi.json"


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'unused.db'}")).test_client()


@pytest.fixture
def document(client: FlaskClient) -> dict[str, object]:
    found: dict[str, object] = client.get("/api/openapi.json").get_json()
    return found


def test_it_is_valid_openapi(document: dict[str, object]) -> None:
    assert str(document["openapi"]).startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_it_is_the_snapshot(document: dict[str, object]) -> None:
    """After a change that is meant: NIGHTBELL_WRITE_SNAPSHOT=1 bin/test tests/web/api/test_document.py"""
    if os.environ.get("NIGHTBELL_WRITE_SNAPSHOT"):
        SNAPSHOT.write_text(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    assert document == json.loads(SNAPSHOT.read_text())


def test_every_route_is_in_it_with_every_method(client: FlaskClient, document: dict) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, each in document["paths"].items() for method in each} == routes


def test_nothing_but_the_api_is_in_it(document: dict) -> None:
    assert all(path.startswith("/api/v1/") for path in document["paths"])
    ids = [each["operationId"] for methods in document["paths"].values() for each in methods.values()]
    assert len(ids) == len(set(ids))
    assert not [name for name in document["components"]["schemas"] if "." in name]


def test_every_operation_says_what_it_does_and_how_it_refuses(document: dict) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"].endswith("."), (path, method)
            assert {"401", "403", "503"} <= operation["responses"].keys()
            assert any(status.startswith("2") for status in operation["responses"]), (path, method)


def test_people_read_it_as_a_page_that_loads_nothing_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "POST /api/v1/teams" in page.text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert all(address.startswith(("/static/", "/api/", "#")) for address in loaded)
    assert "<script" not in page.text
    assert " style=" not in page.text
    for address in (each for each in loaded if each.startswith("/static/")):
        with client.get(address) as loaded_file:
            assert loaded_file.status_code == 200


def test_it_is_made_once(client: FlaskClient) -> None:
    app = client.application
    assert docs.document(app) is docs.document(app)
