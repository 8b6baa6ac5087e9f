"""Calling /api/v1 as a program does: a person's token, JSON both ways."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import clock
from app.database import transaction
from app.people import tokens
from app.people.models import User
from app.people.rights import SCOPES, Scope


class Api:
    """One person's program. `scope` is its token's; the person's widest one unless given."""

    def __init__(self, client: FlaskClient, user: User, scope: str | None = None) -> None:
        self.client = client
        widest = [each for each in Scope if each in SCOPES[user.role]][-1]
        with transaction():
            _, plain = tokens.create(user, name="test", scopes=[scope or widest], at=clock.now())
        self.headers = {"Authorization": f"Bearer {plain}"}

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        headers = self.headers | options.pop("headers", {})
        sent = {} if body is None else {"json": body}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **sent, **options)

    def get(self, path: str, **parameters: Any) -> TestResponse:
        return self("GET", path, query_string=parameters or None)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self("POST", path, body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> TestResponse:
        return self("PATCH", path, body, **options)

    def put(self, path: str, body: Any, **options: Any) -> TestResponse:
        return self("PUT", path, body, **options)

    def delete(self, path: str) -> TestResponse:
        return self("DELETE", path)

    def make(self, path: str, body: Any) -> dict[str, Any]:
        """Create something and answer it."""
        answer = self.post(path, body)
        assert answer.status_code == 201, answer.get_json()
        made: dict[str, Any] = answer.get_json()
        return made


def assert_problem(answer: TestResponse, status: int, pointer: str | None = None) -> dict[str, Any]:
    """The answer is a problem with this status, at this field if given."""
    body: dict[str, Any] = answer.get_json()
    assert answer.status_code == status, body
    assert answer.mimetype == "application/problem+json"
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert {"title", "detail", "instance"} <= body.keys()
    if pointer is not None:
        assert pointer in [error["pointer"] for error in body["errors"]], body["errors"]
    return body
