"""The one-time link of the first administrator: with a password, or a passkey (SEC-36)."""

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.domain.words import Role
from app.people import first_run, queries
from app.people.models import Session, User
from tests.support.authenticator import Authenticator
from tests.support.browser_forms import post
from tests.support.clock import TestClock
from tests.support.passkeys import OURS, ask, use

GOOD = "brass kettle orbit plum"


def welcome_link(clock: TestClock) -> str:
    with transaction():
        link = first_run.first_run_link("", clock())
    assert link is not None
    return link


ANSWERS = {
    "organisation": "Example", "name": "Ada", "email": "ada@nightbell.example", "time_zone": "Europe/Riga",
    "password": GOOD,
}  # fmt: skip


def test_SEC36_the_first_administrator_comes_in_by_the_link_once(
    app: APIFlask, client: FlaskClient, clock: TestClock
) -> None:
    link = welcome_link(clock)
    assert "one-time link" in client.get("/login").text
    answer = post(client, link, ANSWERS, page=link)
    assert (answer.status_code, answer.location) == (303, "/setup")
    ada = queries.user_by_email("ada@nightbell.example")
    assert ada is not None
    assert ada.role == Role.ADMINISTRATOR
    assert client.get("/me").status_code == 200
    again = app.test_client().get(link)
    assert again.status_code == 410
    assert "works once" in again.text
    assert client.get("/welcome/guessed").status_code == 410


def test_a_wrong_answer_names_the_field_keeps_what_was_typed_and_the_link(
    app: APIFlask, client: FlaskClient, clock: TestClock
) -> None:
    link = welcome_link(clock)
    answer = post(client, link, ANSWERS | {"email": "ada", "password": "short", "time_zone": "Mars"}, page=link)
    assert answer.status_code == 422
    for field in ("email", "password", "time_zone"):
        assert f'id="{field}-problem"' in answer.text
        assert f'href="#{field}"' in answer.text
    assert 'value="Example"' in answer.text
    assert "3 things to put right" in answer.text
    assert post(client, link, ANSWERS, page=link).status_code == 303


class TestWithAPasskey:
    @pytest.fixture
    def setting_changes(self) -> dict[str, object]:
        return {"base_url": "http://localhost"}

    def test_SEC36_the_first_administrator_begins_with_a_passkey_and_no_password(
        self, app: APIFlask, client: FlaskClient, clock: TestClock
    ) -> None:
        link, phone = welcome_link(clock), Authenticator()
        assert "Begin with a passkey" in client.get(link).text
        asked = ask(client, f"{link}/passkey/options", ANSWERS)
        answer = post(client, link, ANSWERS | {"credential": phone.make(asked)}, page=link)
        assert (answer.status_code, answer.location) == (303, "/setup")
        ada = queries.user_by_email("ada@nightbell.example")
        assert ada is not None
        assert (ada.role, ada.password_hash) == (Role.ADMINISTRATOR, None)
        assert db.session.scalars(db.select(Session.factors)).one() == 2
        client.delete_cookie("__Host-nightbell")
        assert use(client, phone).status_code == 303
        assert client.post(f"{link}/passkey/options", json=ANSWERS, headers=OURS).status_code == 404

    def test_SEC36_a_passkey_that_does_not_fit_makes_no_administrator_and_the_link_stays(
        self, app: APIFlask, client: FlaskClient, clock: TestClock
    ) -> None:
        link, elsewhere = welcome_link(clock), Authenticator()
        assert client.post(f"{link}/passkey/options", json={"email": " "}, headers=OURS).status_code == 422
        elsewhere.origin = "https://evil.example"
        answers = [
            elsewhere.make(ask(client, f"{link}/passkey/options", ANSWERS)),
            Authenticator().make(ask(client, f"{link}/passkey/options", ANSWERS | {"email": "eve@x.example"})),
            Authenticator().make(ask(client, "/login/passkey/options") | {"user": {"id": "AAAA"}}),
            "{}",
        ]
        for answer in answers:
            refused = post(client, link, ANSWERS | {"credential": answer}, page=link)
            assert refused.status_code == 422
            assert "This passkey did not work here" in refused.text
        assert db.session.scalars(db.select(User)).all() == []
        assert client.get(link).status_code == 200
