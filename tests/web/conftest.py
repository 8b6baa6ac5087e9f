"""The world of alerts seen through a browser: each person with one of their own, without JavaScript."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.people.models import User
from tests.support.browser_forms import sign_in
from tests.support.clock import TestClock
from tests.support.mail_server import MailBox, mail_server
from tests.support.slack import SlackWorkspace
from tests.support.world import World


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    """Ada at step 1, Ben at step 2, five minutes apart; Mara manages, Eli looks on."""
    return World(clock)


@pytest.fixture
def declared(world: World) -> World:
    """Ada promoted the checkout alert and commands incident 1."""
    world.fire()
    world.promote(world.cast.ada)
    return world


@pytest.fixture
def box(app: APIFlask) -> Iterator[MailBox]:
    """A mail server, set in the app's settings."""
    with mail_server() as running:
        app.config["settings"] = replace(app.config["settings"], smtp_url=running.url)
        yield running


@pytest.fixture
def slack(app: APIFlask) -> Iterator[SlackWorkspace]:
    """A workspace of Slack, set in the app's settings."""
    with SlackWorkspace() as workspace:
        before = app.config["settings"]
        app.config["settings"] = replace(before, **workspace.settings)
        yield workspace
        app.config["settings"] = before


@pytest.fixture
def seen_by(app: APIFlask) -> "SeenBy":
    return SeenBy(app)


class SeenBy:
    """`seen_by(user)` is that person's browser."""

    def __init__(self, app: APIFlask) -> None:
        self._app = app

    def __call__(self, user: User) -> FlaskClient:
        client = self._app.test_client()
        sign_in(client, user)
        return client
