"""A page by mail, to whoever has no device to ring: what it says, and what the mail server said to it."""

from flask import current_app

from app.paging import webpush
from app.paging.models import Delivery, Page
from app.smtp import Letter, MailServer, Refused, Sent, TryAgain

CHANNEL, SHOWN_AS = "email", "E-mail"
DEADLINE = 7.0  # seconds; below the lease of a delivery
HOST = "mail"  # what counts as its host where sends are bounded by host


def letter(page: Page, delivery: Delivery, token: str, base_url: str, *, private: bool) -> Letter:
    """The mail of a page. A second sending has the same Message-ID, so that a mailbox may keep one.

    Its link only shows a button: scanners follow links, and must acknowledge nothing (feature 51). `private`: a
    locked screen says only that there is news (SEC-8).
    """
    says = "Open to view." if private else f"{page.title}\n\n{page.body}"
    return Letter(
        key=f"page-{page.id}-{delivery.id}",
        to=page.user.email,
        subject="New page" if private else page.title,
        text=f"{says}\n\nAcknowledge it here, no sign-in is needed:\n{base_url}/r/{token}\n\n"
        "You get this by mail because you have no device that rings. "
        f"Add one: {base_url}/me/devices\n",
    )  # fmt: skip


def send(one: Letter) -> webpush.Outcome:
    """Hand it to the mail server and say what came of it."""
    server = MailServer.from_settings(current_app.config["settings"])
    if server is None:
        return webpush.Refused("no mail server is set")
    (outcome,) = server.send([one], deadline=DEADLINE)
    match outcome:
        case Sent():
            return webpush.Accepted(250)
        case TryAgain(reason):
            return webpush.RetryAfter(None, reason)
        case Refused(reason):
            return webpush.Refused(reason)
