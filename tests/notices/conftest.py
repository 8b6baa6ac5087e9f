"""The cast, and a mail server that the installation is told of."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from apiflask import APIFlask

from app.database import transaction
from app.smtp import MailServer
from tests.support.cast import Cast
from tests.support.mail_server import MailBox, mail_server


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        return Cast()


@pytest.fixture
def box(app: APIFlask) -> Iterator[MailBox]:
    """A mail server, set in the app's settings."""
    with mail_server() as running:
        app.config["settings"] = replace(app.config["settings"], smtp_url=running.url)
        yield running


@pytest.fixture
def server(app: APIFlask, box: MailBox) -> MailServer:
    found = MailServer.from_settings(app.config["settings"])
    assert found is not None
    return found
