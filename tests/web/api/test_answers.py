"""What every address of the API does alike: who is let in, how it refuses, how lists go on."""

import json

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.domain.words import Role
from app.people import change_user
from app.people.models import ApiToken, User
from tests.support.api import Api, assert_problem
from tests.support.cast import Cast, make_team
from tests.support.clock import TestClock


def test_nobody_is_asked_for_a_token(client: FlaskClient, cast: Cast) -> None:
    answer = client.get("/api/v1/teams")
    assert_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("said", ["Bearer nb_wrong", "Bearer ", "Basic YTpi", "nb_x", "Bearer nb_\xfc"])
def test_a_wrong_token_is_told_apart_from_none(client: FlaskClient, cast: Cast, said: str) -> None:
    answer = client.get("/api/v1/teams", headers={"Authorization": said})
    assert_problem(answer, 401)
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_token_ends_when_it_is_revoked_or_expires(ada: Api, clock: TestClock) -> None:
    with transaction():
        token = db.session.scalars(db.select(ApiToken)).one()
        token.expires_at = clock.advance(minutes=5)
    assert_problem(ada.get("/teams"), 401)


def test_SEC17_a_demoted_person_may_less_at_once(root: Api, cast: Cast) -> None:
    with transaction():
        db.session.get_one(User, cast.root.id).role = Role.STAKEHOLDER
    assert root.get("/teams").status_code == 200
    assert_problem(root.post("/teams", {"name": "X"}), 403)


def test_SEC17_a_person_who_left_may_nothing_at_once(ada: Api, cast: Cast, clock: TestClock) -> None:
    with transaction():
        change_user.let_go(db.session.merge(cast.ada), by=db.session.merge(cast.root), at=clock())
    assert_problem(ada.get("/teams"), 401)


def test_a_token_to_read_does_not_write(client: FlaskClient, cast: Cast) -> None:
    reader = Api(client, cast.root, "read")
    assert reader.get("/teams").status_code == 200
    answer = reader.post("/teams", {"name": "X"})
    assert_problem(answer, 403)
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_the_use_of_a_token_is_noted(ada: Api, clock: TestClock) -> None:
    ada.get("/teams")
    assert db.session.scalars(db.select(ApiToken)).one().last_used_at == clock()


def test_what_is_not_there_and_what_is_not_done_there_are_problems(root: Api) -> None:
    assert_problem(root.get("/nothing"), 404)
    answer = root.put("/teams", {})
    assert_problem(answer, 405)
    assert "POST" in answer.headers["Allow"]
    for id in ("x", "0", "-1", "999", "01", "1e3", "9" * 30, "１"):
        assert_problem(root.get(f"/teams/{id}"), 404)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"name": "cut', "application/json", 400),
        (b'{"name": NaN}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"1" * 5000, "application/json", 400),
        (b'{"name": "X"}', "text/plain", 415),
        (b"name=X", "application/x-www-form-urlencoded", 415),
        (b'{"name": "' + b"x" * 1024 * 1024 + b'"}', "application/json", 413),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'"X"', "application/json", 422),
        (b"", "application/json", 422),
        (b'{"name": "\\u0000"}', "application/json", 422),
        (b'{"name": "\\ud800"}', "application/json", 422),
        (b'{"name": 1e999}', "application/json", 422),
        (b'{"\\u0000": 1}', "application/json", 422),
        (b'{"name": ' + b"[" * 150 + b"]" * 150 + b"}", "application/json", 422),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused_in_words(
    root: Api, body: bytes, kind: str, status: int
) -> None:
    assert_problem(root("POST", "/teams", data=body, content_type=kind), status)


def test_a_list_goes_on_where_its_cursor_says_whatever_came_and_went(root: Api, cast: Cast) -> None:
    with transaction():
        for number in range(7):
            make_team(f"Team {number}")
    first = root.get("/teams", limit=4, name=[f"Team {number}" for number in range(7)])
    assert [team["name"] for team in first.get_json()["items"]] == ["Team 0", "Team 1", "Team 2", "Team 3"]
    root.delete(f"/teams/{first.get_json()['items'][3]['id']}")
    link = first.headers["Link"]
    assert link.startswith("<http://127.0.0.1:8000/api/v1/teams?limit=4&name=Team+0&")
    assert link.endswith('>; rel="next"')
    path = link.partition("/api/v1")[2].partition(">")[0]
    second = root("GET", path)
    assert [team["name"] for team in second.get_json()["items"]] == ["Team 4", "Team 5", "Team 6"]
    assert second.get_json()["next_cursor"] is None
    assert "Link" not in second.headers


def test_a_limit_beyond_200_and_a_cursor_of_elsewhere_are_refused(root: Api) -> None:
    assert_problem(root.get("/teams", limit=201), 422, "?limit")
    assert_problem(root.get("/teams", limit=0), 422, "?limit")
    assert_problem(root.get("/teams", limit="many"), 422, "?limit")
    assert_problem(root.get("/teams", limit=[1, 2]), 422, "?limit")
    for cursor in ("x", "bnVsbA", "é", "W1siaWQiXSwgWyJ4Il1d", "W1siaWQiXSwgWzFlOTldXQ", "\0"):
        assert_problem(root.get("/teams", cursor=cursor), 422, "?cursor")


def test_an_error_nobody_foresaw_tells_nothing(
    app: APIFlask, root: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.serialize.team", lambda _: 1 / 0)
    body = assert_problem(root.get("/teams"), 500)
    assert "division" not in json.dumps(body)
