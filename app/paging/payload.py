"""What one device is sent: the same bytes for sw.js and for Declarative Web Push.

Small on purpose: push services take 4096 bytes, some phones drop what is near that, and the card in `data` must
draw an open page with no network at all.
"""

import base64
import hashlib
import json
import unicodedata
from dataclasses import dataclass
from typing import Any

from app.domain.text import one_line
from app.domain.timeline import Subject
from app.domain.words import PageKind, Urgency
from app.paging.channels.channel import Message

VERSION = 1  # sw.js acts on the versions it knows and only shows others
LIMIT = 2000  # bytes

DRILL_TITLE, DRILL_BODY = "Drill: did you hear this?", "Answer within 5 minutes. Nothing is broken."
PROVING = (PageKind.TEST, PageKind.DRILL)
TEST_TITLE, TEST_BODY = "Test page, all is well", "Tap to prove this phone. Nothing is broken."
# What a locked screen may show when its owner asked for privacy (SEC-8). A test says nothing of anybody.
_PRIVATE_TITLES = {
    PageKind.PAGE: "New page",
    PageKind.SHADOW: "Copy of a page",
    PageKind.NOTICE: "News for you",
    PageKind.TEST: TEST_TITLE,
    PageKind.DRILL: DRILL_TITLE,
}
_PRIVATE_BODY = "Open to view."
_SCREENS = {  # the addresses people see (contract)
    Subject.ALERT: "/alerts/", Subject.INCIDENT: "/incidents/", Subject.NOTICE: "/me/notices/",
    Subject.HANDOFF: "/handoff/",
}  # fmt: skip
_DEVICES = "/me/devices"  # where a test page leads
_BELONGS_TO_WHAT_STANDS_BEFORE = ("Mn", "Mc", "Me", "Cf")


@dataclass(frozen=True)
class Push:
    """What to hand to `webpush.send` for one device."""

    body: bytes
    urgency: str  # RFC 8030's word: high wakes a dozing phone, normal does not
    topic: str  # 22 base64url characters: replaces what waits for the same device about the same thing


def build(message: Message) -> Push:
    """The push of a page to one of its person's devices. The same message gives the same push each time."""
    # a test must prove that the loudest page rings
    is_loud = message.urgency is Urgency.HIGH or message.kind in PROVING
    return Push(
        body=encode(message),
        urgency="high" if is_loud else "normal",
        topic=topic(message.subject_kind, message.subject_id),
    )


def encode(message: Message) -> bytes:
    """The plaintext of the push. Privacy hides what can be seen; the card is in `data` in either case.

    What can be long is cut, on a character boundary, so that the whole has at most LIMIT bytes. Only a base
    address of over 200 characters could make it longer.
    """
    spare = LIMIT - len(_dump(_payload(message, "")))
    times_said = 1 if message.is_private else 2  # in the card, and as the visible text
    return _dump(_payload(message, _fit(one_line(message.body), spare // times_said)))


def topic(subject_kind: str, subject_id: int) -> str:
    """The Topic header for everything about one thing."""
    digest = hashlib.sha256(_tag(subject_kind, subject_id).encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def _payload(message: Message, body: str) -> dict[str, Any]:
    title = _fit(one_line(message.title), 200)
    # a notice about an alert takes its page's place in silence; a reminder of a handoff asks again
    rings = message.kind is not PageKind.NOTICE or message.subject_kind == Subject.HANDOFF
    url = f"{message.base_url}{_path(message)}#t={message.token}"
    # engines differ on where they look for the badge and for mutable, so both are said twice
    badge = {} if message.badge is None else {"app_badge": message.badge}
    notification: dict[str, Any] = {
        "title": _PRIVATE_TITLES[message.kind] if message.is_private else title,
        "body": _PRIVATE_BODY if message.is_private else body,
        "navigate": url,
        "lang": "en",
        "dir": "auto",
        "tag": _tag(message.subject_kind, message.subject_id),
        "silent": False,
        "requireInteraction": message.kind is PageKind.PAGE and message.urgency is Urgency.HIGH,
        "renotify": rings,  # sw.js takes it back for a page that it has shown before
        "mutable": True,
        **badge,
        "data": {
            "v": VERSION,
            "kind": message.kind.value,
            "page": message.page,
            "delivery": message.delivery,
            "alert": str(message.subject_id) if message.subject_kind == Subject.ALERT else "",
            "receipt_url": f"{message.base_url}/r/{message.token}",
            "url": url,
            "exp": int(message.expires_at.timestamp()),
            "card": {
                "title": title,
                "severity": message.severity,
                "service": _fit(one_line(message.service), 80) if message.service else None,
                "since": message.started_at.isoformat() if message.started_at else None,
                "says": body,
            },
        },
    }
    if (words := _answer(message)) is not None:
        notification["actions"] = [{"action": "ack", "title": words, "navigate": url}]
    return {"web_push": 8030, "mutable": True, **badge, "notification": notification}


def _answer(message: Message) -> str | None:
    """What the button of the notification says; None where there is nothing to say yes to."""
    if message.kind in (PageKind.PAGE, PageKind.SHADOW):
        return "Acknowledge"
    if message.kind is PageKind.DRILL:
        return "I heard it"
    return "I have it" if message.subject_kind == Subject.HANDOFF else None


def _path(message: Message) -> str:
    screen = _SCREENS.get(Subject(message.subject_kind))
    return f"{screen}{message.subject_id}" if screen and message.kind not in PROVING else _DEVICES


def _tag(subject_kind: str, subject_id: int) -> str:
    return f"{subject_kind}-{subject_id}"


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _fit(text: str, size: int) -> str:
    """As much of the text as takes at most `size` bytes inside JSON, where a quotation mark takes two.

    Ends in … when something is missing, and never between a letter and its accent.
    """
    if len(_dump(text)) - 2 <= size:
        return text
    room, end = size - len("…".encode()), 0
    while end < len(text) and (cost := len(_dump(text[end])) - 2) <= room:
        room, end = room - cost, end + 1
    while end and (
        unicodedata.category(text[end]) in _BELONGS_TO_WHAT_STANDS_BEFORE or text[end - 1] == "\u200d"
    ):
        end -= 1
    return text[:end].rstrip() + "…" if end else ""
