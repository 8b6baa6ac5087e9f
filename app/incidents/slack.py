"""Slack's Web API, for the one thing wanted of it: a channel for an incident."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from app.config import Settings
from app.outbound import Outbound

ITS_OWN = "https://slack.com"
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


class Slack:
    """One workspace, by a bot's token with the scope `channels:manage`."""

    def __init__(self, *, url: str, token: str, client: Outbound | None = None) -> None:
        named = () if url == ITS_OWN else (urlsplit(url).netloc,)  # the operator's own word, so it may be near
        self._url, self._token = url, token
        self._client = client or Outbound(named_hosts=named, private=True)

    @classmethod
    def from_settings(cls, settings: Settings) -> "Slack | None":
        """None where no token is set."""
        if settings.slack_token is None:
            return None
        return cls(url=settings.slack_url, token=settings.slack_token)

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
    return Channel(
        str(channel.get("name") or ""), f"{ITS_OWN}/app_redirect?channel={quote(channel['id'], safe='')}"
    )
