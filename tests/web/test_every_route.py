"""What holds for every route: SEC-9 (no other site), SEC-19 (headers), SEC-27 (no trace of an error)."""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.database import db, transaction
from app.timeline.models import Event
from app.web.csrf import NO_COOKIE, SAFE
from tests.support.browser_forms import sign_in
from tests.support.requests_of import Asked, asked
from tests.support.two_houses import TwoHouses
from tests.web.test_rights_matrix import routes

ELSEWHERE: dict[str, dict[str, str]] = {
    "a form of another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "a form of a neighbour": {"Sec-Fetch-Site": "same-site", "Origin": "https://other.nightbell.example"},
    "a browser that tells only the origin": {"Origin": "https://evil.example"},
    "a browser that tells a nameless origin": {"Origin": "null"},
    "a browser that tells nothing": {},
}
PAGES = Path(__file__).parents[2] / "app" / "web"
SENTENCE = "the secret recipe of the database"


@pytest.fixture
def houses(app: APIFlask) -> TwoHouses:
    with transaction():
        return TwoHouses()


@pytest.fixture
def client(app: APIFlask, houses: TwoHouses) -> FlaskClient:
    client = app.test_client()
    sign_in(client, houses.root)
    return client


def _everything(app: APIFlask, houses: TwoHouses) -> list[Asked]:
    return [asked(method, rule, houses.ours) for method, rule in routes(app)]


def _ask(client: FlaskClient, request: Asked, **headers: str) -> TestResponse:
    return client.open(request.path, method=request.method, headers=headers, buffered=True, **request.sent)


@pytest.mark.parametrize("where", ELSEWHERE)
def test_SEC9_nothing_is_changed_by_another_site_with_somebodys_cookie(
    app: APIFlask, client: FlaskClient, houses: TwoHouses, where: str
) -> None:
    """As a form, as JSON, and as JSON that calls itself plain text, which needs no leave from the browser."""
    before = db.session.scalar(sa.select(sa.func.count()).select_from(Event))
    for request in _everything(app, houses):
        if request.method in SAFE:
            continue
        own_proof = request.path.startswith(NO_COOKIE)
        for body in (
            {"data": {"name": "x"}},
            {"json": {"name": "x"}},
            {"data": "{}", "content_type": "text/plain"},
        ):
            answer = _ask(client, Asked(request.method, request.path, body), **ELSEWHERE[where])
            refused = (
                answer.status_code in (400, 401, 404, 405, 415, 422) if own_proof else answer.status_code == 400
            )
            assert refused, (request.method, request.path, body, answer.status_code)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Event)) == before


def test_SEC24_a_number_no_row_can_have_is_not_there_at_any_address(
    app: APIFlask, client: FlaskClient, houses: TwoHouses
) -> None:
    app.config["WTF_CSRF_METHODS"] = []
    for number in (2**31, 10**30):
        for request in _everything(app, houses):
            path = re.sub(r"/\d+(?=/|$)", f"/{number}", request.path)
            if path != request.path:
                answer = _ask(
                    client, Asked(request.method, path, request.sent), **{"Sec-Fetch-Site": "same-origin"}
                )
                assert answer.status_code < 500, (request.method, path, answer.status_code)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/me", {"name": "A\x00da", "time_zone": "UTC"}),
        ("/teams", {"name": "Sea\x00rch two"}),
        ("/teams/1", {"name": "Pay\x00ments"}),
        ("/me/time-off", {"note": "A\x00way", "start": "2026-12-01T09:00", "end": "2026-12-02T09:00"}),
    ],
)
def test_SEC24_a_letter_that_no_database_takes_is_left_out_of_names_and_notes(
    app: APIFlask, client: FlaskClient, houses: TwoHouses, path: str, fields: dict[str, str]
) -> None:
    app.config["WTF_CSRF_METHODS"] = []
    answer = _ask(client, Asked("POST", path, {"data": fields}), **{"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code in (200, 303), answer.text


def test_SEC24_no_page_reads_a_number_without_an_end() -> None:
    """`as_number` and `row_number` of `web/form.py` know how large the database takes them."""
    reads = {path.name: re.findall(r"type=int\b.*", path.read_text()) for path in PAGES.glob("*.py")}
    assert {name: found for name, found in reads.items() if found} == {}


HEADERS: dict[str, Callable[[str], bool]] = {
    "X-Content-Type-Options": lambda value: value == "nosniff",
    "Referrer-Policy": lambda value: value == "no-referrer",
    "Cross-Origin-Opener-Policy": lambda value: value == "same-origin",
    "Cross-Origin-Resource-Policy": lambda value: value == "same-origin",
    "Permissions-Policy": lambda value: "camera=()" in value and "geolocation=()" in value,
    "Content-Security-Policy": lambda value: (
        "default-src 'none'" in value and "unsafe" not in value and "frame-ancestors 'none'" in value
    ),
}


def _has_all_headers(answer: TestResponse, what: Any) -> None:
    for name, is_right in HEADERS.items():
        assert is_right(answer.headers.get(name, "")), (what, answer.status_code, name)
    if answer.mimetype == "text/html":
        assert answer.headers["Cache-Control"] == "no-store", what


def test_SEC19_every_route_answers_with_the_headers_whatever_it_answers(
    app: APIFlask, client: FlaskClient, houses: TwoHouses
) -> None:
    """Pages, redirects, JSON, files, refusals; as an administrator and as nobody."""
    statuses = set()
    addresses = [Asked("GET", "/nothing/here"), Asked("GET", "/static/no.css"), Asked("GET", "/alerts/999")]
    for who in (client, app.test_client()):
        for request in [*_everything(app, houses), *addresses]:
            answer = _ask(who, request)
            _has_all_headers(answer, (request.method, request.path))
            assert "Strict-Transport-Security" not in answer.headers  # not without https
            statuses.add(answer.status_code)
    assert {200, 303, 400, 401, 404, 405} <= statuses


def test_SEC27_every_route_that_breaks_says_so_in_general_words_and_logs_the_rest(
    app: APIFlask,
    client: FlaskClient,
    houses: TwoHouses,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app.config["WTF_CSRF_METHODS"] = []
    app.testing = False

    def breaks(**_: object) -> None:
        raise ZeroDivisionError(SENTENCE)

    requests = _everything(app, houses)
    for endpoint in app.view_functions:
        monkeypatch.setitem(app.view_functions, endpoint, breaks)  # other tests use this app, too
    for request in requests:
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            answer = _ask(client, request, **{"Sec-Fetch-Site": "same-origin"})
        text = answer.get_data(as_text=True)
        assert answer.status_code == 500, (request.method, request.path)
        assert SENTENCE not in text
        assert "ZeroDivisionError" not in text
        assert "Traceback" not in text
        reference = re.search(r"ref ([0-9A-F]{8})", text)
        assert reference is not None, (request.method, request.path, text)
        assert reference[1] in caplog.text
        assert SENTENCE in caplog.text
        _has_all_headers(answer, (request.method, request.path))
