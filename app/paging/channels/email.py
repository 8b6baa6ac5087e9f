"""A page by mail: what it says, and what the mail server said to it."""

from datetime import datetime

from app.domain.words import PageKind
from app.paging.channels.channel import Message, To
from app.paging.channels.outcome import Accepted, Outcome, Refused, RetryAfter
from app.smtp import Letter, MailServer, Sent, TryAgain
from app.smtp import Refused as RefusedByServer

DEADLINE = 7.0  # seconds; below the lease of a delivery


class EmailChannel:
    """`to.address` is the mail address."""

    def __init__(self, server: MailServer, *, deadline: float = DEADLINE) -> None:
        self._server, self._deadline = server, deadline

    def send(self, message: Message, to: To, at: datetime) -> Outcome:  # noqa: ARG002
        (outcome,) = self._server.send([letter(message, to.address)], deadline=self._deadline)
        match outcome:
            case Sent():
                return Accepted(250)
            case TryAgain(reason):
                return RetryAfter(None, reason)
            case RefusedByServer(reason):
                return Refused(reason)

    def close(self) -> None:
        """Each letter has a connection of its own."""


def letter(message: Message, address: str) -> Letter:
    """The mail of a page. A second sending has the same Message-ID, so that a mailbox may keep one.

    Its link only shows a button: scanners follow links, and must acknowledge nothing (feature 51).
    """
    says = "Open to view." if message.hides else f"{message.title}\n\n{message.body}"
    act = "Say that you heard it" if message.kind is PageKind.DRILL else "Acknowledge it"
    why = "" if message.has_other_ways else (
        "\nYou get this by mail because you have no device that rings. "
        f"Add one: {message.base_url}/me/devices\n"
    )  # fmt: skip
    return Letter(
        key=f"page-{message.page}-{message.delivery}",
        to=address,
        subject="New page" if message.hides else message.title,
        text=f"{says}\n\n{act} here, no sign-in is needed:\n{message.link}\n{why}",
    )
