"""An invitation by mail. The verb knows no mail, so the edges that invite send it, in the same transaction."""

from app import clock
from app.domain.text import one_line
from app.notices.mail import queue_mail
from app.people import queries
from app.people.invitations import Sent
from app.people.models import User
from app.web.addresses import join_url
from app.web.words import moment

TEXT = """{by} invites you to {organisation} at Nightbell, which pages people when something breaks.

Open this on the phone that shall ring. It works once, until {until}:
{link}

You did not expect this? Then do nothing.
"""


def mail(sent: Sent, *, by: User) -> bool:
    """Whether the link is on its way to the invited address; else it must be given by hand."""
    organisation = queries.organisation()
    name = "an organisation" if organisation is None else organisation.name
    subject = f"{by.name} invites you to Nightbell"
    text = TEXT.format(
        by=one_line(by.name, limit=100), organisation=one_line(name, limit=100), link=join_url(sent),
        until=moment(sent.invitation.expires_at),
    )  # fmt: skip
    return queue_mail(sent.invitation.email, subject, text, at=clock.now()) is not None
