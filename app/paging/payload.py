"""What one device is sent: the same bytes for sw.js and for Declarative Web Push.

Small on purpose: push services take 4096 bytes, some phones drop what is near that, and the card in `data` must
draw an open page with no network at all.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.words import PageKind, Urgency
from app.paging import sentences

VERSION = 1  # sw.js acts on the versions it knows and only shows others
LIMIT = 2000  # bytes
SHORTEST_TTL = 300  # seconds


@dataclass(frozen=True)
class Message:
    """A page on its way to one device. `title` is the fact alone, `body` one or two sentences (`sentences`)."""

    kind: PageKind
    page: str  # the page's id: a retry carries the same, so that a device shows it once (INV-7)
    delivery: str
    subject_kind: str
    subject_id: int
    title: str
    body: str
    path: str  # of the screen it opens, from the root: /alerts/12
    token: str  # may acknowledge and report for this delivery (SEC-7)
    base_url: str
    expires_at: datetime  # of the token
    urgency: Urgency = Urgency.HIGH
    severity: str | None = None
    service: str | None = None
    started_at: datetime | None = None
    badge: int | None = None  # how many pages need this person now


def encode(message: Message, *, hide_text: bool = False, limit: int = LIMIT) -> bytes:
    """The plaintext of the push. `hide_text` keeps the visible part private; the card is in `data` in either case.

    Everything that can be long is cut, on a character boundary, so that the whole is at most `limit` bytes; only an
    address of the installation that is itself absurdly long could exceed it.
    """
    body = sentences.plain(message.body)
    spare = limit - len(_dump(_payload(message, "", hide_text)))
    times_said = 1 if hide_text else 2  # in the card, and as the visible text
    return _dump(_payload(message, _fit(body, spare // times_said), hide_text))


def topic(subject_kind: str, subject_id: int) -> str:
    """22 base64url characters: a newer message about the same thing replaces one that no device has fetched yet."""
    digest = hashlib.sha256(_tag(subject_kind, subject_id).encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def ttl(deadline_at: datetime, *, now: datetime) -> int:
    """Seconds the push service may hold it: until the page's own deadline, and at least five minutes."""
    return max(SHORTEST_TTL, int((deadline_at - now).total_seconds()))


def push_urgency(kind: PageKind, urgency: Urgency) -> str:
    """RFC 8030's word: high wakes a dozing phone, normal does not. Test pages must prove that high ones ring."""
    return "high" if urgency is Urgency.HIGH or kind is PageKind.TEST else "normal"


def _payload(message: Message, body: str, hide_text: bool) -> dict[str, Any]:
    is_page = message.kind is PageKind.PAGE
    title = sentences.page_title(message.title, message.severity) if is_page else sentences.plain(message.title)
    shown = sentences.hidden(message.kind) if hide_text else sentences.Words(_fit(title, 160), body)
    url = f"{message.base_url}{message.path}#t={message.token}"
    badge = {} if message.badge is None else {"app_badge": message.badge}
    notification: dict[str, Any] = {
        "title": shown.title,
        "body": shown.body,
        "navigate": url,
        "lang": "en",
        "dir": "auto",
        "tag": _tag(message.subject_kind, message.subject_id),
        "silent": False,
        "requireInteraction": is_page and message.urgency is Urgency.HIGH,
        "renotify": is_page or message.kind is PageKind.TEST,
        "mutable": True,
        **badge,
        "data": {
            "v": VERSION,
            "kind": message.kind.value,
            "page": message.page,
            "delivery": message.delivery,
            "alert": str(message.subject_id) if message.subject_kind == "alert" else "",
            "receipt_url": f"{message.base_url}/r/{message.token}",
            "url": url,
            "exp": int(message.expires_at.timestamp()),
            "card": {
                "title": _fit(sentences.plain(message.title), 200),
                "severity": message.severity,
                "service": _fit(sentences.plain(message.service), 80) if message.service else None,
                "since": message.started_at.isoformat() if message.started_at else None,
                "says": body,
            },
        },
    }
    if is_page:
        notification["actions"] = [{"action": "ack", "title": "Acknowledge", "navigate": url}]
    return {"web_push": 8030, "mutable": True, **badge, "notification": notification}


def _tag(subject_kind: str, subject_id: int) -> str:
    return f"{subject_kind}-{subject_id}"


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _fit(text: str, size: int) -> str:
    """As much of the text as takes at most `size` bytes inside JSON, where a quotation mark takes two."""
    if len(_dump(text)) - 2 <= size:
        return text
    length = min(len(text), max(0, size))
    while length > 0 and len(_dump(short := sentences.cut(text, length))) - 2 > size:
        length = min(length, len(short)) - 1
    return sentences.cut(text, length) if length > 0 else ""
