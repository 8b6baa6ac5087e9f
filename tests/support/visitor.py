"""A person with a browser: signed in by a real session, sending forms with the token their page carries."""

import re
from datetime import timedelta

from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import clock
from app.database import transaction
from app.people import sessions
from app.people.models import User
from app.web import session as cookie

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """`get` and `post` as a browser would; `post` follows to the page that answers, as `page` says."""

    def __init__(self, app: Flask, user: User | None) -> None:
        self.client: FlaskClient = app.test_client()
        self._address = app.config["settings"].base_url
        self._token: str | None = None
        if user is not None:
            with transaction():
                _, token = sessions.start(user, device="Test browser", at=clock.now() - timedelta(seconds=1))
            with app.test_request_context():
                name = cookie.name_of()
            self.client.set_cookie(name, token, domain="127.0.0.1", secure=True)

    def get(self, path: str, **options: object) -> TestResponse:
        g.clear() if g else None
        answer = self.client.get(path, base_url=self._address, **options)
        if found := TOKEN.search(answer.text):
            self._token = found.group(1)
        return answer

    def post(self, path: str, *, follow: bool = True, **fields: object) -> TestResponse:
        """Send a form, with the token of the last page that had one."""
        fields = {name: value for name, value in fields.items() if value is not None}
        return self.client.post(
            path, data={"csrf_token": self._token, **fields}, base_url=self._address, follow_redirects=follow
        )
