"""The app's own pages call the API with their session; other sites cannot borrow it (SEC-9)."""

from datetime import timedelta

import pytest
from apiflask import APIFlask
from flask import g
from flask.testing import FlaskClient

from app import clock
from app.database import db, transaction
from app.domain.words import Role
from app.people import sessions
from app.people.models import User
from app.web import session as cookie
from tests.support.api import Api, assert_problem
from tests.support.cast import Cast
from tests.support.clock import TestClock

HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def browser(app: APIFlask, client: FlaskClient, cast: Cast) -> FlaskClient:
    """Mara, signed in."""
    with transaction():
        _, token = sessions.start(cast.mara, device="Firefox on Linux", at=clock.now())
    client.set_cookie(cookie.name_of(), token)
    return client


def test_a_page_reads_and_changes_with_its_session(browser: FlaskClient) -> None:
    assert browser.get("/api/v1/users/me").get_json()["name"] == "Mara"
    assert browser.post("/api/v1/teams", json={"name": "New"}, headers=HERE).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
)
def test_SEC9_a_change_that_comes_from_elsewhere_is_refused(
    browser: FlaskClient, headers: dict[str, str]
) -> None:
    assert_problem(browser.post("/api/v1/teams", json={"name": "New"}, headers=headers), 400)
    form = browser.post("/api/v1/teams", data={"name": "New"}, headers=headers)
    assert_problem(form, 400)
    assert db.session.scalar(db.select(db.func.count()).select_from(db.metadata.tables["team"])) == 2


def test_a_token_counts_whatever_cookie_comes_with_it(browser: FlaskClient, cast: Cast) -> None:
    ada = Api(browser, cast.ada)
    assert ada.get("/users/me").get_json()["name"] == "Ada"
    assert_problem(ada.patch("/teams/1", {"name": "New"}), 403)
    wrong = browser.get("/api/v1/users/me", headers={"Authorization": "Bearer nb_wrong"})
    assert_problem(wrong, 401)


def test_SEC17_a_session_has_what_its_person_has_now(
    browser: FlaskClient, cast: Cast, clock: TestClock
) -> None:
    with transaction():
        db.session.get_one(User, cast.mara.id).role = Role.STAKEHOLDER
    assert_problem(browser.post("/api/v1/teams", json={"name": "New"}, headers=HERE), 403)
    clock.advance(days=sessions.ABSOLUTE / timedelta(days=1))
    g.pop("session", None)  # the test's own context is around both requests
    assert_problem(browser.get("/api/v1/users/me"), 401)


def test_without_a_login_a_change_is_401_and_not_a_question_of_forms(client: FlaskClient, cast: Cast) -> None:
    assert_problem(client.post("/api/v1/teams", json={"name": "New"}), 401)
