"""Where people meet about an incident: a chat channel and a call, from the organisation's own patterns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.invalid import Faults
from app.domain.link import web_link
from app.domain.text import one_line
from app.domain.words import RoomProvider, RoomUse

LONGEST = 1000
LONGEST_FALLBACK = 300
_PLACE = re.compile(r"\{(\w*)\}")
_PLACES = frozenset({"number", "severity", "title", "secret"})


NAMES = {
    RoomProvider.SLACK: "Slack", RoomProvider.TEAMS: "Teams", RoomProvider.ZOOM: "Zoom",
    RoomProvider.MEET: "Google Meet", RoomProvider.JITSI: "Jitsi",
}  # fmt: skip
OFFERED: Mapping[RoomUse, tuple[RoomProvider, ...]] = {
    RoomUse.CHAT: (RoomProvider.SLACK, RoomProvider.TEAMS),
    RoomUse.CALL: (RoomProvider.ZOOM, RoomProvider.TEAMS, RoomProvider.MEET, RoomProvider.JITSI),
}


@dataclass(frozen=True)
class Pattern:
    """How a room's address is made: `{number}`, `{severity}`, `{title}` and `{secret}` are filled in.

    Without an address a channel is made by the provider's API, which only Slack's takes.
    """

    provider: RoomProvider
    address: str = ""


@dataclass(frozen=True)
class Template:
    """The organisation's rooms, and where people meet while those are down."""

    rooms: Mapping[RoomUse, Pattern]
    fallback: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.rooms


def parse(value: Mapping[str, Any]) -> Template:
    """A template as a row or a form carries it. Raises InvalidField with everything that is wrong."""
    faults = Faults()
    rooms = {}
    for use in RoomUse:
        provider, address = (
            str(value.get(f"{use}_provider") or ""),
            str(value.get(f"{use}_address") or "").strip(),
        )
        if not provider:
            continue
        if provider not in OFFERED[use]:
            faults.add(f"/{use}_provider", f"One of {', '.join(NAMES[each] for each in OFFERED[use])}.")
            continue
        if problem := _address_problem(RoomProvider(provider), use, address):
            faults.add(f"/{use}_address", problem)
        rooms[use] = Pattern(RoomProvider(provider), address)
    fallback = one_line(str(value.get("fallback") or ""), limit=LONGEST_FALLBACK)
    faults.stop_if_any()
    return Template(rooms, fallback)


def to_json(template: Template) -> dict[str, str]:
    """Back to what `parse` reads."""
    said = {"fallback": template.fallback}
    for use, pattern in template.rooms.items():
        said |= {f"{use}_provider": str(pattern.provider), f"{use}_address": pattern.address}
    return said


def address(pattern: Pattern, *, number: int, severity: str, title: str, secret: str) -> str:
    """The room's address for one incident. `secret` makes it one that nobody can guess."""
    words = {"number": str(number), "severity": severity, "title": slug(title), "secret": secret}
    return _PLACE.sub(lambda found: words[found[1]], pattern.address)


def channel_name(number: int, title: str) -> str:
    """A name that Slack takes: lower case letters, digits and hyphens, 80 at most."""
    return f"inc-{number}-{slug(title)}"[:80].rstrip("-")


def slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].rstrip("-") or "incident"


def _address_problem(provider: RoomProvider, use: RoomUse, pattern: str) -> str | None:
    if not pattern:
        if provider is RoomProvider.SLACK and use is RoomUse.CHAT:
            return None
        return f"Give the address at which people meet on {NAMES[provider]}."
    unknown = set(_PLACE.findall(pattern)) - _PLACES
    if unknown or len(pattern) > LONGEST:
        return "It may hold {number}, {severity}, {title} and {secret}, and nothing else in braces."
    filled = _PLACE.sub("x", pattern)
    if web_link(filled) is None or not filled.startswith("https://"):
        return "An address that begins with https://."
    return None
