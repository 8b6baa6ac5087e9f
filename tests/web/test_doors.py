"""The doors: signing in and out, the first administrator, cookies, and what another site may not do."""

import re
import threading
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.database import db, transaction
from app.domain.words import Role
from app.people import passwords, sessions
from app.people.models import Session, SignInFailure, User
from app.web import session as cookie
from app.web.redirects import local_path
from tests.support.browser_forms import post, sign_in
from tests.support.cast import make_user

GOOD = "brass kettle orbit plum"


@pytest.fixture
def ada(app: APIFlask) -> User:
    with transaction():
        return make_user("Ada", Role.ADMINISTRATOR, password_hash=passwords.hashed(GOOD))


def log_in(
    client: FlaskClient, email: str = "ada@nightbell.example", password: str = GOOD, **more: Any
) -> TestResponse:
    return post(client, "/login", {"email": email, "password": password, **more}, page="/login")


def test_a_person_signs_in_and_comes_back_to_where_they_were_going(ada: User, client: FlaskClient) -> None:
    answer = client.get("/me/devices")
    assert (answer.status_code, answer.location) == (303, "/login?next=/me/devices")
    answer = log_in(client, next="/me/devices")
    assert (answer.status_code, answer.location) == (303, "/me/devices")
    assert client.get("/login?next=/me").location == "/me"


def test_SEC10_the_cookie_is_host_only_secure_hidden_from_scripts_and_lax(
    ada: User, client: FlaskClient
) -> None:
    answer = log_in(client)
    cookies = {line.split("=", 1)[0]: line for line in answer.headers.getlist("Set-Cookie")}
    for name in ("__Host-nightbell", "__Host-nightbell-known"):
        line = cookies[name]
        for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
            assert word in line
        assert "Domain" not in line
    assert "Max-Age=7776000" in cookies["__Host-nightbell"]  # 90 days, in seconds


@pytest.mark.parametrize(
    ("base_url", "prefixed"),
    [
        ("https://pager.example", True), ("http://127.0.0.1:8000", True), ("http://localhost:8000", True),
        ("http://[::1]:8000", True), ("http://192.168.1.5:8000", False), ("http://pager.lan", False),
    ],
)  # fmt: skip
def test_SEC10_only_where_no_browser_would_keep_it_the_prefix_is_left_out(
    base_url: str, prefixed: bool
) -> None:
    assert cookie.is_secure(base_url) is prefixed


def test_SEC10_a_token_that_somebody_planted_is_not_the_one_signed_in(ada: User, client: FlaskClient) -> None:
    client.set_cookie("__Host-nightbell", "planted")
    client.set_cookie("__Host-nightbell-form", "planted")
    log_in(client)
    kept = client.get_cookie("__Host-nightbell")
    assert kept is not None
    assert kept.value != "planted"
    assert len(db.session.scalars(db.select(Session.id)).all()) == 1


def test_SEC10_signing_out_ends_the_row_at_once(ada: User, client: FlaskClient) -> None:
    sign_in(client, ada)
    kept = client.get_cookie("__Host-nightbell")
    assert kept is not None
    assert post(client, "/logout", {}, page="/me").status_code == 303
    client.set_cookie("__Host-nightbell", kept.value)
    assert client.get("/me").location == "/login?next=/me"
    assert db.session.scalars(db.select(Session)).all() == []


def test_SEC17_a_revoked_session_is_over_with_the_next_request(ada: User, client: FlaskClient) -> None:
    sign_in(client, ada)
    assert client.get("/me").status_code == 200
    with transaction():
        sessions.end_all(ada)
    assert client.get("/me").status_code == 303


def test_SEC15_a_wrong_password_and_an_unknown_account_read_the_same(ada: User, client: FlaskClient) -> None:
    wrong = log_in(client, password="something quite different")
    unknown = log_in(client, email="nobody@nightbell.example")
    assert wrong.status_code == unknown.status_code == 422
    bodies = [re.sub(r'value="[^"]*"|data-now="[^"]*"', "", answer.text) for answer in (wrong, unknown)]
    assert bodies[0] == bodies[1]
    assert "do not belong together" in wrong.text
    assert 'value="ada@nightbell.example"' in wrong.text  # what was typed is kept, but never the password
    assert "something quite different" not in wrong.text


def test_SEC14_too_many_tries_are_told_to_wait_and_how_long(ada: User, client: FlaskClient) -> None:
    for _ in range(5):
        log_in(client, password="wrong wrong wrong")
    answer = log_in(client)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "2"
    assert "Try again in 2 s" in answer.text


@pytest.mark.parametrize("full", ["_places", "_turns"])
def test_SEC12_where_too_many_sign_in_one_is_told_to_come_back_and_no_try_is_counted(
    full: str, ada: User, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, full, threading.Semaphore(0))
    monkeypatch.setattr(passwords, "_WAIT_SECONDS", 0.01)
    for _ in range(6):
        answer = log_in(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Many people are signing in at this moment" in answer.text
    assert db.session.scalars(db.select(SignInFailure)).all() == []
    monkeypatch.undo()
    assert log_in(client).status_code == 303


def test_SEC14_the_owners_browser_gets_in_while_somebody_guesses(
    ada: User, client: FlaskClient, app: APIFlask
) -> None:
    log_in(client)
    post(client, "/logout", {}, page="/me")
    stranger = app.test_client()
    for _ in range(6):
        log_in(stranger, password="wrong wrong wrong")
    assert log_in(stranger).status_code == 429
    assert log_in(client).status_code == 303


def test_SEC14_a_forged_forwarded_address_changes_nothing(ada: User, client: FlaskClient) -> None:
    for n in range(25):
        token = form_token(client)
        answer = client.post(
            "/login",
            data={"email": f"a{n}@b.example", "password": "x", "csrf_token": token},
            headers={"X-Forwarded-For": f"198.51.100.{n}", "Forwarded": f"for=198.51.100.{n}"},
        )
    assert answer.status_code == 429


class TestBehindOneProxy:
    @pytest.fixture
    def setting_changes(self) -> dict[str, object]:
        return {"trusted_proxies": "1"}

    def test_SEC14_the_address_is_the_one_our_proxy_saw_and_no_other(
        self, ada: User, client: FlaskClient
    ) -> None:
        """A sender writes what they like; our proxy adds, last, where that came from."""
        for n in range(25):
            token = form_token(client)
            answer = client.post(
                "/login",
                data={"email": f"a{n}@b.example", "password": "x", "csrf_token": token},
                headers={"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.7"},
            )
        assert answer.status_code == 429
        elsewhere = client.post(
            "/login",
            data={"email": "b@b.example", "password": "x", "csrf_token": form_token(client)},
            headers={"X-Forwarded-For": "203.0.113.7, 198.51.100.1"},
        )
        assert elsewhere.status_code == 422


def form_token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_SEC9_another_site_cannot_post_even_with_a_good_token(
    ada: User, client: FlaskClient, headers: dict[str, str]
) -> None:
    data = {"email": "ada@nightbell.example", "password": GOOD, "csrf_token": form_token(client)}
    assert client.post("/login", data=data, headers=headers).status_code == 400
    assert client.post("/login", data=data, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


FOR_PROGRAMS = (
    "/v2/", "/intake/", "/r/", "/ping/", "/canary/", "/twilio/", "/slack/", "/push-subscriptions/renewal",
    "/letters/", "/public/status/",  # for people outside, without any cookie: there is nobody's right to borrow
)  # fmt: skip


def test_SEC9_every_route_that_changes_something_wants_a_token_or_is_for_programs(
    app: APIFlask, ada: User, client: FlaskClient
) -> None:
    sign_in(client, ada)
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            path = re.sub(r"<(?:int:)?\w+>", "1", rule.rule)
            if path.startswith(FOR_PROGRAMS):
                continue
            answer = client.open(path, method=method, data={"a": "b"})
            assert answer.status_code in (400, 401, 403, 405), f"{method} {path} answered {answer.status_code}"
            answer = client.open(path, method=method, json={}, headers={"Sec-Fetch-Site": "cross-site"})
            assert answer.status_code in (400, 401, 403, 405), f"{method} {path} answered {answer.status_code}"


ELSEWHERE = [
    "", " ", "a", "a@b", "evil.example", "//evil.example", "///evil.example", "////evil.example",
    "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\\/evil.example", "/\t/evil.example",
    "\t//evil.example", "/\n/evil.example", "/\r\n/evil.example", " //evil.example", "/ /evil.example",
    "/%09/evil.example", "/%0a/evil.example", "/%0d%0a/evil.example", "/%5Cevil.example",
    "/%5c%5cevil.example", "/%2fevil.example", "/%2F/evil.example", "%2f%2fevil.example",
    "https://evil.example", "HTTPS://evil.example", "http:evil.example", "https:/evil.example",
    "http:///evil.example", "//user:pass@evil.example", "https://localhost@evil.example",
    "//localhost@evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x",
    "vbscript:x", "mailto:a@b.example", "/\u0000/evil.example", "\u0000//evil.example",
    "/\u007f/evil.example", "?next=//evil.example", "#//evil.example", ".//evil.example", "../evil",
]  # fmt: skip


@pytest.mark.parametrize("path", ELSEWHERE)
def test_SEC28_only_a_path_of_ours_is_returned_to(path: str) -> None:
    assert local_path(path, "/") == "/"


def test_SEC28_the_table_is_long_enough_and_our_own_paths_pass() -> None:
    assert len(set(ELSEWHERE)) >= 40
    for path in ("/", "/alerts/12?tab=a", "/me/devices#now", "/a:b", "/search?q=https://evil.example", "/a//b"):
        assert local_path(path, "/nowhere") == path


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "/%5Cevil.example", "https://evil.example"]
)
def test_SEC28_no_door_leads_elsewhere(path: str, ada: User, client: FlaskClient) -> None:
    assert log_in(client, next=path).location == "/"
    assert client.get("/login", query_string={"next": path}).location == "/"
    assert client.get("/login/code", query_string={"next": path}).location == "/login?next=/"


def test_what_needs_no_form_sets_no_cookie(ada: User, client: FlaskClient) -> None:
    log_in(client)
    client.get("/me")
    for path in ("/app.css", "/manifest.webmanifest", "/me"):
        assert client.get(path).headers.getlist("Set-Cookie") == []
