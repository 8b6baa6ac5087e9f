"""Slack on loopback, as strict as the real one: its token, JSON, names of channels, each once."""

import json
import re
from typing import Any

from tests.support.far_end import Came, FarEnd, Says

TOKEN = "xoxb-a-bots-token"
NAME = re.compile(r"[a-z0-9_-]{1,80}")


class SlackWorkspace(FarEnd):
    """`channels` are the names it made, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: list[str] = []
        self.judge = self._judge

    @property
    def settings(self) -> dict[str, Any]:
        """Those of an app that uses it."""
        return {"slack_token": TOKEN, "slack_url": self.url}

    def _judge(self, came: Came) -> Says:
        if came.path != "/api/conversations.create":
            return _no("unknown_method")
        if came.headers.get("authorization") != f"Bearer {TOKEN}":
            return _no("invalid_auth")
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
        return Says(200, json.dumps({"ok": True, "channel": channel}).encode())


def _no(error: str) -> Says:
    return Says(200, json.dumps({"ok": False, "error": error}).encode())
