"""What Slack sends: whether it did, and its words without their marks."""

import hmac
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import quote

from app.domain.text import prose

ITS_OWN = "https://slack.com"
YOUNGEST = timedelta(minutes=5)  # what is older, or ahead by more, was kept by somebody and sent again
_MARK = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")
_TS = re.compile(r"\d{1,12}\.\d{1,9}")


def has_signed(secret: str, *, at: str, body: bytes, signature: str, now: datetime) -> bool:
    """Whether this body was signed with the app's signing secret, at a moment (seconds, as sent) near now."""
    if not (at.isascii() and at.isdigit() and len(at) < 12):
        return False
    if abs(now - datetime.fromtimestamp(int(at), UTC)) > YOUNGEST:
        return False
    digest = hmac.digest(secret.encode(), b"v0:" + at.encode() + b":" + body, "sha256").hex()
    return hmac.compare_digest(f"v0={digest}".encode(), signature.encode("utf-8", "replace"))


def moment(ts: str) -> datetime | None:
    """When a message was written: its `ts`, which is also its name in its channel."""
    return datetime.fromtimestamp(float(ts), UTC) if _TS.fullmatch(ts) else None


def address_of(channel: str) -> str:
    """Where people find the channel that Slack calls so."""
    return f"{ITS_OWN}/app_redirect?channel={quote(channel, safe='')}"


def plain(text: str) -> str:
    """`<https://x|label>`, `<@U1>`, `<!here>` and `&amp;` as people read them."""
    return prose(unescape(_MARK.sub(_read, text)))


def _read(found: re.Match[str]) -> str:
    kind, what, label = found[1], found[2], found[3]
    if not kind:
        return f"{label} ({what})" if label and label != what else what
    if kind == "!":
        return label or f"@{what.partition('^')[0]}"
    return f"{kind}{label}" if label else f"{kind}{what}"
