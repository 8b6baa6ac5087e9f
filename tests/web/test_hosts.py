"""SEC-36: Nightbell answers at its own names, and opens nothing else on a fresh start."""

from dataclasses import replace

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OWN = (
    "pager.example.org",
    "pager.example.org:8443",
    "PAGER.example.org.",
    "localhost:8000",
    "127.0.0.1",
    "[::1]:80",
)
FOREIGN = ("evil.example", "evil.example:8000", "pager.example.org.evil.example", "127.0.0.1.evil.example",
           "evil.example@pager.example.org.", "[", "", "10.0.0.5")  # fmt: skip


@pytest.fixture
def served(app: APIFlask) -> APIFlask:
    app.config["settings"] = replace(app.config["settings"], base_url="https://pager.example.org")
    return app


@pytest.mark.parametrize("host", OWN)
def test_SEC36_it_answers_at_its_own_names(served: APIFlask, host: str) -> None:
    assert served.test_client().get("/login", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("path", ["/login", "/static/css/base.css", "/api/v1/alerts", "/nowhere"])
def test_SEC36_it_answers_at_no_other(served: APIFlask, host: str, path: str) -> None:
    answer = served.test_client().get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "NIGHTBELL_HOSTS" in answer.text


def test_SEC36_a_sender_is_refused_there_too(served: APIFlask) -> None:
    answer = served.test_client().post("/v2/enqueue", json={}, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "NIGHTBELL_HOSTS" in answer.get_json()["detail"]


def test_a_balancer_may_ask_at_any_address(served: APIFlask, client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"Host": "10.0.0.5"}).status_code == 200


def test_an_operator_may_allow_more_names(served: APIFlask) -> None:
    served.config["settings"] = replace(served.config["settings"], hosts=("nightbell.lan",))
    assert served.test_client().get("/login", headers={"Host": "nightbell.lan:8000"}).status_code == 200
