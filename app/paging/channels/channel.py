"""The interface of a channel: send this message to this address, and say what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from app.domain.words import ChannelKind, PageKind, Urgency
from app.paging.channels.outcome import Outcome


@dataclass(frozen=True)
class Message:
    """One page on one way, as plain values; `title` and `body` are what an unlocked screen may show.

    A second sending of the same delivery is the same message, so that a device or a mailbox can keep one.
    """

    kind: PageKind
    page: str  # the page's id: a retry carries the same, so that a device shows it once (INV-7)
    delivery: str
    subject_kind: str
    subject_id: int
    title: str
    body: str
    base_url: str
    expires_at: datetime  # of the token
    until: datetime  # after this it would be pointless
    urgency: Urgency
    token: str = field(default="")  # may acknowledge and report for this delivery (SEC-7); a room gets none
    severity: str | None = None
    service: str | None = None
    started_at: datetime | None = None
    badge: int | None = None  # how many alerts wait for this person
    is_private: bool = False  # what can be seen without unlocking says only that there is news (SEC-8)
    event: str = "page"  # what it tells of, as a program reads it: alert.triggered, incident.resolved, …
    data: Mapping[str, Any] = field(default_factory=dict)  # the facts of the event, for a program
    has_other_ways: bool = True  # False: it goes this way because there is no device to ring

    @property
    def hides(self) -> bool:
        """Whether it says only that there is news. A drill says nothing of anybody."""
        return self.is_private and self.kind is not PageKind.DRILL

    @property
    def says(self) -> str:
        """Title and body in one line of sentences."""
        end = "" if self.title.endswith(("?", "!", ".")) else "."
        return f"{self.title}{end} {self.body}"

    @property
    def link(self) -> str:
        """Where a button acknowledges without a sign-in; looking at it changes nothing (feature 51).

        A room that many read has no token: there it leads to the screen, which wants a sign-in.
        """
        return f"{self.base_url}/r/{self.token}" if self.token else f"{self.base_url}{self._screen}"

    @property
    def _screen(self) -> str:
        return f"/{self.subject_kind}s/{self.subject_id}" if self.subject_kind in ("alert", "incident") else "/"


@dataclass(frozen=True)
class To:
    """Where it goes: a push endpoint, an e-mail address, a number, a web address.

    `details` is what the channel needs besides: a device's keys, a chat's room.
    """

    channel: ChannelKind
    address: str = field(repr=False)
    details: Mapping[str, str] = field(default_factory=dict, repr=False)


class Channel(Protocol):
    """One way to reach somebody. Safe to use from many threads; knows no rows and opens no transaction."""

    def send(self, message: Message, to: To, at: datetime) -> Outcome:
        """Hand it over once, within 8 s. `at` is now. Never raises for what the other side does."""

    def close(self) -> None:
        """Let connections go."""
