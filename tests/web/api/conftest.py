"""Fixtures of the API's tests: the cast, and a program for each of them."""

from collections.abc import Callable

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import transaction
from app.people.models import User
from tests.support.api import Api
from tests.support.cast import Cast


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        return Cast()


@pytest.fixture
def as_user(client: FlaskClient) -> Callable[[User], Api]:
    return lambda user: Api(client, user)


@pytest.fixture
def root(client: FlaskClient, cast: Cast) -> Api:
    """The administrator's program, with the widest scope."""
    return Api(client, cast.root)


@pytest.fixture
def ada(client: FlaskClient, cast: Cast) -> Api:
    """A responder's program."""
    return Api(client, cast.ada)
