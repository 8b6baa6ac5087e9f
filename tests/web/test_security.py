"""SEC-19: headers on every answer, and a policy with nothing loose in it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app import create_app
from app.config import ConfigurationError
from app.people.models import User
from app.web.security import content_security_policy
from tests.support import databases
from tests.support.world import World
from tests.web.conftest import SeenBy


def test_SEC19_the_policy_names_what_may_load_and_nothing_else() -> None:
    policy = content_security_policy()
    for rule in (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
        "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'",
        "require-trusted-types-for 'script'",
    ):  # fmt: skip
        assert rule in policy.split("; ")
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "http" not in policy


def test_SEC19_only_an_answer_that_draws_figures_allows_the_empty_style() -> None:
    assert "sha256-" not in content_security_policy()
    assert "style-src 'self' 'sha256-" in content_security_policy(figures=True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_SEC19_behind_tls_a_browser_is_told_to_come_by_https_for_a_year(
    app: APIFlask, client: FlaskClient
) -> None:
    settings = app.config["settings"]
    app.config["settings"] = replace(settings, base_url="https://pager.example.org", hosts=("localhost",))
    for path in ("/login", "/nothing", "/static/css/base.css", "/api/v1/alerts"):
        said = client.get(path, buffered=True).headers["Strict-Transport-Security"]
        assert said == "max-age=31536000; includeSubDomains", path


def test_SEC27_debug_mode_refuses_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(ConfigurationError, match="FLASK_DEBUG: must be off"):
        create_app(databases.settings_for(tmp_path, f"sqlite:///{tmp_path / 'x.db'}"))


@pytest.mark.parametrize("who", ["ada", "mara", "root"])
def test_no_page_carries_a_script_or_a_style_of_its_own(world: World, seen_by: SeenBy, who: str) -> None:
    world.fire()
    world.tick()
    person: User = getattr(world.cast, who)
    client = seen_by(person)
    for path in ("/", "/alerts", "/alerts/1", "/incidents", "/offline", "/nothing"):
        html = client.get(path).text
        assert "style=" not in html, path
        assert "<style" not in html, path
        ours = re.findall(r'<script type="module"(?: fetchpriority="low")? src="/static/v-\w+/js/', html)
        assert html.count("<script") == len(ours), path
        assert " onclick" not in html, path


def test_an_error_is_a_page_in_words_without_a_trace(
    app: APIFlask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.view_functions, "pwa.offline", lambda: 1 // 0)
    app.testing = False
    answer = client.get("/offline")
    assert answer.status_code == 500
    assert "Something broke here" in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert "ref " in answer.text


def test_a_program_is_answered_in_its_own_tongue(client: FlaskClient) -> None:
    answer = client.get("/v2/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json()["title"] == "There is nothing here"
