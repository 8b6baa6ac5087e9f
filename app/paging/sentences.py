"""What a notification says: short enough for a lock screen, the fact first, the exact time always.

Alert text is foreign input: control and direction characters are taken out here, so that no title can dress up as
something else on a screen.
"""

import unicodedata
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.domain.words import PageKind, ResolvedBy, Severity

TITLE = 45  # characters that a lock screen shows whole
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_JOINED_TO_WHAT_STANDS_BEFORE = ("Mn", "Mc", "Me", "Cf")


class Words(NamedTuple):
    title: str
    body: str


def page_title(fact: str, severity: str | None) -> str:
    """'Checkout errors at 14 % · Critical': the fact is cut, the severity never."""
    suffix = f" · {Severity(severity).value.capitalize()}" if severity else ""
    return cut(plain(fact), TITLE - len(suffix)) + suffix


def page_body(
    service: str | None,
    started_at: datetime,
    *,
    zone: str,
    now: datetime,
    next_name: str | None = None,
    next_at: datetime | None = None,
) -> str:
    """'checkout-api since 03:10 GMT. Goes to Ben at 03:16.' Times as the paged person reads them, in their `zone`."""
    since = f"{plain(service) if service else 'Open'} since {moment(started_at, zone=zone, now=now)}."
    if next_name is None or next_at is None:
        return since
    return f"{since} Goes to {plain(next_name)} at {_clock(next_at, zone)}."


def acknowledged(name: str, fact: str) -> Words:
    """To those who were paged too: they need do nothing."""
    return Words(f"{plain(name)} has it", _sentence(plain(fact)) + " You can sleep.")


def acknowledged_here(fact: str) -> Words:
    """To the other devices of whoever took it."""
    return Words("You have it", _sentence(plain(fact)) + " Nobody else is paged.")


def resolved(
    fact: str, *, at: datetime, zone: str, now: datetime, by: ResolvedBy, name: str | None = None
) -> Words:
    """To those who were paged: it is over, when, and who says so. `name` is the person, when a human resolved it."""
    when = moment(at, zone=zone, now=now)
    match by:
        case ResolvedBy.SOURCE:
            body = f"Back to normal at {when}, source says so."
        case ResolvedBy.HUMAN:
            body = f"{plain(name) if name else 'Somebody'} resolved it at {when}."
        case ResolvedBy.TIMEOUT:
            body = f"Closed at {when}: no word from its source for 7 days."
    return Words(cut(f"Over: {plain(fact)}", TITLE), body)


def test() -> Words:
    return Words("Test page, all is well", "Tap to prove this device. Nothing is broken.")


def hidden(kind: PageKind) -> Words:
    """What a locked screen may show of it when its owner asked for privacy (SEC-8)."""
    match kind:
        case PageKind.TEST:
            return test()  # it says nothing of anybody
        case PageKind.PAGE:
            return Words("New page", "Open to view.")
        case PageKind.NOTICE:
            return Words("News of a page", "Open to view.")


def moment(at: datetime, *, zone: str, now: datetime) -> str:
    """'03:10 GMT', or 'Thu 12 Nov, 03:10 GMT' when that is another day in the reader's zone."""
    local = at.astimezone(ZoneInfo(zone))
    same_day = local.date() == now.astimezone(ZoneInfo(zone)).date()
    day = "" if same_day else f"{local:%a} {local.day} {local:%b}, "
    return f"{day}{local:%H:%M %Z}"


def plain(text: str) -> str:
    """Text in one line, without characters that are not seen but change what is."""
    kept = (
        "" if c in _DIRECTIONS else " " if unicodedata.category(c) in ("Cc", "Cs", "Co", "Zl", "Zp") else c
        for c in text
    )
    return " ".join("".join(kept).split())


def cut(text: str, length: int) -> str:
    """At most `length` characters, ending in … when something is missing; never between a letter and its accent."""
    if len(text) <= length:
        return text
    end = max(0, length - 1)
    while end > 0 and (
        unicodedata.category(text[end]) in _JOINED_TO_WHAT_STANDS_BEFORE or text[end - 1] == "\u200d"
    ):
        end -= 1
    return text[:end].rstrip() + "…"


def _clock(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else text + "."
