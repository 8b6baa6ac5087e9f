"""Forms as a browser without JavaScript sends them: from the page they stand on, with its token."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import clock
from app.database import transaction
from app.people import sessions
from app.people.models import User


def sign_in(client: FlaskClient, user: User) -> None:
    """Put a living session into the client's cookies, as the door would."""
    with transaction():
        _, token = sessions.start(user, device="Firefox on Linux", at=clock.now())
    client.set_cookie("__Host-nightbell", token)


def visit(app: Flask, user: User | None, path: str, **options: Any) -> TestResponse:
    """`path` as `user` sees it in a browser of their own; None is a stranger."""
    client = app.test_client()
    if user is not None:
        sign_in(client, user)
    return client.get(path, **options)


def post(client: FlaskClient, path: str, fields: dict[str, Any], *, page: str) -> TestResponse:
    """Open `page`, take the token of its form, and send `fields` to `path`."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found is not None, f"{page} has no form"
    return client.post(path, data={"csrf_token": found.group(1), **fields})
