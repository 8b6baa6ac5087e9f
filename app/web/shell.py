"""What stands around every page: who looks, where one can go, whether paging is proven to work."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask, current_app, request

from app import clock
from app.alerts.listing import waiting_for
from app.notices import listing
from app.paging import canary
from app.paging.health import seen_at
from app.people import queries
from app.people.rights import Act, may
from app.web.access import current_user
from app.web.words import hour, lasted

UNSEEN_AFTER = timedelta(seconds=30)  # the engine says every 10 s that it is there (P-9)
UNPROVEN_AFTER = timedelta(minutes=3)

# name and icon, word, address, and where it shows: at the `hand` on a phone only, on the rail of a `desk` only
PLACES = (
    ("now", "Now", "/", ""),
    ("incidents", "Incidents", "/incidents", ""),
    ("on-call", "On-call", "/on-call", ""),
    ("trends", "Trends", "/trends", ""),
    ("postmortems", "Postmortems", "/postmortems", "desk"),
    ("services", "Services", "/services", "desk"),
    ("status", "Status", "/status", "desk"),
    ("search", "Search", "/search", "desk"),
    ("me", "Me", "/me", "hand"),
)
LOOKING_ON = (
    ("incidents", "Incidents", "/incidents", ""),
    ("status", "Status", "/status", ""),
    ("on-call", "On-call", "/on-call", ""),
    ("search", "Search", "/search", "desk"),
    ("me", "Me", "/me", "hand"),
)


@dataclass(frozen=True)
class PagingPath:
    """Whether a canary went through intake, engine and push within three minutes, in words.

    That a page would arrive at a phone is more than this knows: test pages and drills prove that.
    """

    works: bool
    says: str
    since: str
    href: str = "/me/devices"
    joined_by: str = ", "

    @property
    def sentence(self) -> str:
        return f"{self.says}{self.joined_by}{self.since}"


@dataclass(frozen=True)
class Shell:
    places: tuple[tuple[str, str, str, str], ...]
    paging: PagingPath | None


def paging_path() -> PagingPath:
    """When the path was last proven, or since when it is not."""
    at = seen_at()
    if at is None:
        return PagingPath(works=False, says="Engine not seen yet", since="it does the paging")
    age = clock.now() - at
    if age > UNSEEN_AFTER:
        return PagingPath(works=False, says=f"Engine not seen since {hour(at)}", since="call instead")
    if current_app.config["settings"].proven_at is None:
        return PagingPath(works=True, says="Engine at work", since=f"seen {lasted(age)} ago")
    heard = canary.last_heard()
    if heard is None or heard.heard_at is None:
        return PagingPath(works=False, says="Paging not proven yet", since="the engine is at work")
    age = clock.now() - heard.heard_at
    if age > UNPROVEN_AFTER:
        return PagingPath(
            works=False, says=f"Paging not proven since {hour(heard.heard_at)}", since="call instead"
        )
    return PagingPath(works=True, says="Paging path", since=f"last proven {lasted(age)} ago", joined_by=" ")


def register(app: Flask) -> None:
    """Let every template know what stands around it."""
    app.context_processor(_around)


def _around() -> dict[str, Any]:
    viewer = current_user()
    if viewer is None:
        return {
            "shell": Shell((), None), "needs_me": 0, "unread": 0, "may_respond": False, "theme": _theme(),
            "is_demo": False,
        }  # fmt: skip
    looks_on = not may(viewer, Act.SEE_OPERATIONS)
    return {
        "shell": Shell(LOOKING_ON if looks_on else PLACES, None if looks_on else paging_path()),
        "needs_me": 0 if looks_on else waiting_for(viewer.id),
        "unread": listing.unread(viewer),
        "may_respond": not looks_on,
        "theme": _theme(),
        "is_demo": queries.is_made_up(),
    }


def _theme() -> str | None:
    """Light or dark when the person chose one in Me; otherwise the system decides."""
    chosen = request.cookies.get("theme")
    return chosen if chosen in ("light", "dark") else None
