"""What a page and its script do with a passkey, without a browser."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.authenticator import Authenticator
from tests.support.browser_forms import post

OURS = {"Sec-Fetch-Site": "same-origin"}


def ask(client: FlaskClient, path: str, said: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = client.post(path, json=said or {}, headers=OURS)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def use(client: FlaskClient, phone: Authenticator, **more: str) -> TestResponse:
    answer = phone.use(ask(client, "/login/passkey/options"))
    return post(client, "/login/passkey", {"credential": answer, **more}, page="/login")
