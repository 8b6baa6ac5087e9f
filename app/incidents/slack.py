"""Slack's Web API, for what is wanted of it: a channel for an incident, and messages that got a pin there."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from app.config import Settings
from app.domain.slack_words import ITS_OWN, address_of
from app.outbound import DEADLINE, Outbound

AGAIN = {"ratelimited", "name_taken", "internal_error", "service_unavailable"}  # the next try has another name


@dataclass(frozen=True)
class Channel:
    """It is there: what Slack calls it, and where people find it."""

    name: str
    address: str


@dataclass(frozen=True)
class NotMade:
    """`for_good`: asking again changes nothing. The words are for an operator and hold no token."""

    because: str
    for_good: bool


@dataclass(frozen=True)
class Message:
    """What somebody wrote, with Slack's own marks, and what Slack calls them; empty for a program."""

    text: str
    user: str


class Slack:
    """One workspace, by a bot's token with the scope `channels:manage`; for pins `channels:history`, and to
    know who wrote `users:read` and `users:read.email`.
    """

    def __init__(self, *, url: str, token: str, deadline: float = DEADLINE) -> None:
        named = () if url == ITS_OWN else (urlsplit(url).netloc,)  # the operator's own word, so it may be near
        self._url, self._token = url, token
        self._client = Outbound(named_hosts=named, private=True, deadline=deadline)

    @classmethod
    def from_settings(cls, settings: Settings, *, deadline: float = DEADLINE) -> "Slack | None":
        """None where no token is set."""
        if settings.slack_token is None:
            return None
        return cls(url=settings.slack_url, token=settings.slack_token, deadline=deadline)

    def make_channel(self, name: str) -> Channel | NotMade:
        """A public channel. One that is there by this name is not taken over: a stranger may be in it."""
        try:
            answer = self._client.post(
                f"{self._url}/api/conversations.create", json={"name": name, "is_private": False},
                headers={"Authorization": f"Bearer {self._token}"},
            )  # fmt: skip
        except requests.RequestException as error:
            return NotMade(f"Slack cannot be reached ({type(error).__name__})", for_good=False)
        if answer.status_code == 429 or answer.status_code >= 500:
            return NotMade(f"Slack answered {answer.status_code}", for_good=False)
        return _read(answer)

    def message(self, channel: str, ts: str) -> Message | None:
        """One message, of a thread too; None where it is gone or not for us. Raises ConnectionError."""
        one = {"channel": channel, "ts": ts, "oldest": ts, "latest": ts, "inclusive": "true", "limit": "2"}
        found = self._look("conversations.replies", one).get("messages")
        for each in found if isinstance(found, list) else ():
            if isinstance(each, dict) and each.get("ts") == ts:
                return Message(str(each.get("text") or ""), str(each.get("user") or ""))
        return None

    def email_of(self, user: str) -> str | None:
        """Whose address this person confirmed; None where Slack does not say. Raises ConnectionError."""
        found = self._look("users.info", {"user": user}).get("user")
        profile = found.get("profile") if isinstance(found, dict) else None
        email = profile.get("email") if isinstance(profile, dict) else None
        return email if isinstance(email, str) else None

    def _look(self, what: str, fields: dict[str, str]) -> dict[str, Any]:
        """What Slack answers; empty where it refuses. Raises ConnectionError where asking again may help."""
        try:
            answer = self._client.post(
                f"{self._url}/api/{what}", data=fields, headers={"Authorization": f"Bearer {self._token}"}
            )
            said: Any = answer.json() if answer.ok else None
        except (requests.RequestException, ValueError) as error:
            raise ConnectionError(f"Slack cannot be asked ({type(error).__name__})") from None
        if not isinstance(said, dict) or said.get("error") in AGAIN:
            raise ConnectionError(f"Slack answered {answer.status_code}")
        return said if said.get("ok") is True else {}

    def close(self) -> None:
        self._client.close()


def _read(answer: requests.Response) -> Channel | NotMade:
    try:
        said: Any = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return NotMade(f"Slack answered {answer.status_code} without JSON", for_good=True)
    channel = said.get("channel")
    if said.get("ok") is not True or not isinstance(channel, dict) or not isinstance(channel.get("id"), str):
        return NotMade(f"Slack says {str(said.get('error'))[:60]}", for_good=said.get("error") not in AGAIN)
    return Channel(str(channel.get("name") or ""), address_of(channel["id"]))
