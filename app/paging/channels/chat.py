"""Rooms that many read: Slack, Teams, Mattermost, Google Chat, Telegram, ntfy, any web address by a template.

Each is a small template over the one hardened client (SEC-1). What an alert says was written by a stranger: it
may neither ring everybody by a mention nor dress up a link.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.domain.text import one_line, prose
from app.domain.words import ChannelKind, Urgency
from app.paging.channels.channel import Message, To
from app.paging.channels.outcome import Outcome

if TYPE_CHECKING:
    from app.outbound import Outbound

LONGEST_BODY = 2000  # characters; the shortest limit of these services lies at 4096
TELEGRAM = "https://api.telegram.org"
USUAL_TEMPLATE = '{"title": "{{title}}", "text": "{{text}}", "severity": "{{severity}}", "link": "{{link}}"}'
_PRIORITY = {Urgency.HIGH: 5, Urgency.LOW: 3}  # ntfy's: 5 rings through


@dataclass(frozen=True)
class Request:
    """What goes over the line. `url` may hold a secret and is never shown."""

    url: str
    body: bytes
    headers: Mapping[str, str]


class ChatChannel:
    """`to.address` is the address the service gave out; `details` hold a room, a token, a template."""

    def __init__(self, client: "Outbound") -> None:
        self._client = client

    def send(self, message: Message, to: To, at: datetime) -> Outcome:  # noqa: ARG002
        from app.paging.channels.over_http import post  # pages only look at addresses: the engine sends

        request = written(message, to)
        return post(
            self._client, request.url, refuses="what we were given to write there", data=request.body,
            headers=request.headers,
        )  # fmt: skip

    def close(self) -> None:
        self._client.close()


def written(message: Message, to: To) -> Request:
    """The request that puts this message there."""
    return _WRITERS[to.channel](message, to)


def _slack(message: Message, to: To) -> Request:
    head, body = _said(message)
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(head[:150])}]
    blocks += [{"type": "section", "text": _plain(body)}] if body else []
    button = {"type": "button", "text": _plain("Open"), "url": message.link}
    blocks.append({"type": "actions", "elements": [button]})
    text = head.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")  # else <!channel> rings all
    return _json(to.address, {"text": text, "blocks": blocks})


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def _teams(message: Message, to: To) -> Request:
    """An adaptive card for a Workflows webhook; runs of text, since text blocks read Markdown."""
    head, body = _said(message)
    runs = [{"type": "TextRun", "text": head, "weight": "Bolder"}]
    lines = [{"type": "RichTextBlock", "inlines": runs}]
    lines += [{"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": body}]}] if body else []
    card = {
        "type": "AdaptiveCard", "version": "1.4", "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "body": lines, "actions": [{"type": "Action.OpenUrl", "title": "Open", "url": message.link}],
    }  # fmt: skip
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return _json(to.address, {"type": "message", "attachments": [attachment]})


def _mattermost(message: Message, to: To) -> Request:
    head, body = _said(message)
    attachment = {
        "fallback": _calm(head),
        "title": _calm(head),
        "title_link": message.link,
        "text": _calm(body),
    }
    return _json(to.address, {"text": "", "attachments": [attachment]})


def _calm(text: str) -> str:
    """Without mentions and Markdown: a zero-width space takes their effect away."""
    return "".join(f"{c}\u200b" if c in "@#[!`*_~" else c for c in text)


def _google_chat(message: Message, to: To) -> Request:
    head, body = _said(message)
    text = "\n".join(part for part in (head, body) if part).replace("<", "‹")  # <users/all> rings everybody
    return _json(to.address, {"text": f"{text}\n{message.link}"})


def _telegram(message: Message, to: To) -> Request:
    """`to.address` is a bot's token, or one's own server with it; the room is a chat's number."""
    head, body = _said(message)
    root = "" if "://" in to.address else f"{TELEGRAM}/bot"
    text = "\n".join(part for part in (head, body, message.link) if part)
    return _json(f"{root}{to.address}/sendMessage", {"chat_id": to.details["room"], "text": text})


def _ntfy(message: Message, to: To) -> Request:
    """`to.address` is a topic's address. As JSON, since headers take no letter beyond ASCII."""
    head, body = _said(message)
    root, _, topic = to.address.rstrip("/").rpartition("/")
    said = {
        "topic": topic, "title": head, "message": body or head, "click": message.link,
        "priority": _PRIORITY[message.urgency],
    }  # fmt: skip
    token = to.details.get("token")
    return _json(f"{root}/", said, {"Authorization": f"Bearer {token}"} if token else {})


def _templated(message: Message, to: To) -> Request:
    body = filled(to.details.get("template") or USUAL_TEMPLATE, message)
    token = to.details.get("token")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Request(to.address, body.encode(), {"Content-Type": "application/json", **headers})


def filled(template: str, message: Message) -> str:
    """The template with each {{name}} replaced, as text inside a JSON string. Nothing is evaluated (SEC-22)."""
    head, body = _said(message)
    values = {
        "title": head, "text": body, "severity": message.severity or "", "service": message.service or "",
        "urgency": str(message.urgency), "event": message.event, "link": message.link,
        "number": str(message.subject_id),
    }  # fmt: skip
    parts = template.split("{{")
    made = [parts[0]]
    for part in parts[1:]:
        name, end, rest = part.partition("}}")
        known = end and name.strip() in values
        made.append(json.dumps(values[name.strip()])[1:-1] + rest if known else f"{{{{{part}")
    return "".join(made)


def problem_of(template: str, sample: Message) -> str | None:
    """What is wrong with a template, in a sentence; None when it makes JSON."""
    try:
        json.loads(filled(template, sample))
    except ValueError:
        return "This makes no JSON. Put each {{name}} inside quotation marks."
    return None


def problem_of_address(kind: ChannelKind, address: str) -> str | None:
    """What is wrong with an address of this kind, in a sentence."""
    if kind is ChannelKind.TELEGRAM and "://" not in address:
        return None if ":" in address and "/" not in address else "A bot's token, such as 123456:AbC…"
    if kind is ChannelKind.NTFY and not urlsplit(address).path.strip("/"):
        return "The address of a topic, such as https://ntfy.sh/our-pages."
    return None


def _said(message: Message) -> tuple[str, str]:
    if message.is_private:
        return "New page", ""
    return one_line(message.title, limit=200), prose(message.body, limit=LONGEST_BODY)


def _json(url: str, said: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Request:
    return Request(url, json.dumps(said).encode(), {"Content-Type": "application/json", **(headers or {})})


_WRITERS: Mapping[ChannelKind, Callable[[Message, To], Request]] = {
    ChannelKind.SLACK: _slack,
    ChannelKind.TEAMS: _teams,
    ChannelKind.MATTERMOST: _mattermost,
    ChannelKind.GOOGLE_CHAT: _google_chat,
    ChannelKind.TELEGRAM: _telegram,
    ChannelKind.NTFY: _ntfy,
    ChannelKind.WEBHOOK: _templated,
}
CHATS = tuple(_WRITERS)
