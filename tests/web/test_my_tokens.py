"""Tokens under Me: shown once, never more than the role, ended at once."""

import re

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.people.models import ApiToken
from tests.support.api import Api
from tests.support.browser_forms import post, sign_in, visit
from tests.support.cast import Cast
from tests.support.clock import TestClock

HERE = "/me/tokens"


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        return Cast()


def asks(client: FlaskClient, token: str) -> int:
    return client.get("/api/v1/users/me", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_is_shown_once_works_until_its_day_and_is_ended_at_once(
    app: APIFlask, client: FlaskClient, cast: Cast, clock: TestClock
) -> None:
    sign_in(client, cast.ada)
    shown = post(client, HERE, {"name": "Backup", "scope": "read", "lasts": "30"}, page=HERE).text
    found = re.search(r"nb_[\w-]{20,}", shown)
    assert found is not None
    assert found[0] not in client.get(HERE).text
    stranger = app.test_client()
    assert asks(stranger, found[0]) == 200
    assert "last used" in client.get(HERE).text
    row = db.session.query(ApiToken).one()
    sign_in(client, cast.ben)
    assert post(client, f"{HERE}/{row.id}/removal", {}, page=HERE).status_code == 404
    assert "Backup" not in client.get(HERE).text
    sign_in(client, cast.ada)
    for _ in range(2):
        assert post(client, f"{HERE}/{row.id}/removal", {}, page=HERE).status_code == 303
    assert asks(stranger, found[0]) == 401
    assert row.expires_at is not None
    assert (row.expires_at - clock()).days in (29, 30)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "x", "scope": "admin", "lasts": "30"}, "scope"),
        ({"name": "x", "scope": "all", "lasts": "30"}, "scope"),
        ({"name": " ", "scope": "read", "lasts": "30"}, "name"),
        ({"name": "x", "scope": "read", "lasts": "9999"}, "lasts"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    client: FlaskClient, cast: Cast, fields: dict[str, str], field: str
) -> None:
    sign_in(client, cast.ada)
    answer = post(client, HERE, fields, page=HERE)
    assert answer.status_code == 422
    assert f'id="{field}-problem"' in answer.text
    assert db.session.query(ApiToken).count() == 0


def test_an_act_by_a_token_is_told_from_one_by_hand(app: APIFlask, client: FlaskClient, cast: Cast) -> None:
    Api(client, cast.root).make("/teams", {"name": "Made by a program"})
    assert "<b>Root, by a token</b> created" in visit(app, cast.root, "/audit?kind=team").text
