"""Slack on loopback, as strict as the real one: its token, JSON or forms, names of channels, each once; and
what it tells of by signed events.
"""

import hashlib
import hmac
import json
import re
from typing import Any
from urllib.parse import parse_qs

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.far_end import Came, FarEnd, Says

TOKEN = "xoxb-a-bots-token"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # the example of Slack's own documentation
NAME = re.compile(r"[a-z0-9_-]{1,80}")


class SlackWorkspace(FarEnd):
    """`channels` are the names it made, in order; `messages` by channel and ts; `emails` by user."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: list[str] = []
        self.messages: dict[tuple[str, str], dict[str, str]] = {}
        self.emails: dict[str, str] = {}
        self.judge = self._judge

    @property
    def settings(self) -> dict[str, Any]:
        """Those of an app that uses it."""
        return {"slack_token": TOKEN, "slack_url": self.url, "slack_signing_secret": SECRET}

    def writes(self, channel: str, ts: str, text: str, *, user: str = "") -> None:
        """Somebody wrote it; without a user it was a program."""
        self.messages[channel, ts] = {"type": "message", "text": text, "ts": ts} | (
            {"user": user} if user else {}
        )

    def _judge(self, came: Came) -> Says:
        if came.headers.get("authorization") != f"Bearer {TOKEN}":
            return _no("invalid_auth")
        answer = {
            "/api/conversations.create": self._create, "/api/conversations.replies": self._replies,
            "/api/users.info": self._user,
        }.get(came.path)  # fmt: skip
        return _no("unknown_method") if answer is None else answer(came)

    def _replies(self, came: Came) -> Says:
        given = _form(came)
        if not {"channel", "ts"} <= given.keys() <= {"channel", "ts", "oldest", "latest", "inclusive", "limit"}:
            return _no("invalid_arguments")
        if not any(channel == given["channel"] for channel, _ in self.messages):
            return _no("channel_not_found")
        found = self.messages.get((given["channel"], given["ts"]))
        return _no("thread_not_found") if found is None else _yes(messages=[found], has_more=False)

    def _user(self, came: Came) -> Says:
        user = _form(came).get("user", "")
        if user not in self.emails:
            return _no("user_not_found")
        return _yes(user={"id": user, "profile": {"email": self.emails[user]}})

    def _create(self, came: Came) -> Says:
        if not came.headers.get("content-type", "").startswith("application/json"):
            return _no("invalid_form_data")
        given = json.loads(came.body)
        if set(given) - {"name", "is_private", "team_id"}:
            return _no("invalid_arguments")
        if not NAME.fullmatch(given["name"]):
            return _no("invalid_name_specials")
        if given["name"] in self.channels:
            return _no("name_taken")
        self.channels.append(given["name"])
        channel = {"id": f"C{len(self.channels):08}", "name": given["name"]}
        return _yes(channel=channel)


def tells(client: FlaskClient, said: dict[str, Any], *, at: int, secret: str = SECRET) -> TestResponse:
    """Slack posts an event, signed at `at` in seconds."""
    body = json.dumps(said)
    digest = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    signed = {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={digest}"}
    return client.post("/slack/events", data=body, headers=signed, content_type="application/json")


def _form(came: Came) -> dict[str, str]:
    """The methods that read take no JSON."""
    if not came.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    return {name: values[0] for name, values in parse_qs(came.body.decode()).items()}


def _yes(**said: Any) -> Says:
    return Says(200, json.dumps({"ok": True, **said}).encode())


def _no(error: str) -> Says:
    return Says(200, json.dumps({"ok": False, "error": error}).encode())
