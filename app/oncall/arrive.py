"""Somebody comes in by an invitation. Whoever comes back answers again from now on, not for what has passed."""

from datetime import datetime

from app.oncall import findings
from app.oncall.record_shifts import record_past
from app.people import invitations, queries
from app.people.models import User
from app.people.ways_in import Invitation


def accept(
    token: str, *, name: str, time_zone: str, at: datetime, password_hash: str | None = None
) -> User | None:
    """The invitation of a link, accepted as `people.invitations.accept` says; None when the link is over."""
    if (invitation := invitations.find(token, at=at)) is not None:
        _keep_the_book(invitation, at)
    return invitations.accept(token, name=name, time_zone=time_zone, at=at, password_hash=password_hash)


def let_in(invitation: Invitation, *, name: str, time_zone: str, at: datetime) -> User | None:
    """The same for an open invitation whose address was proven otherwise."""
    _keep_the_book(invitation, at)
    return invitations.let_in(invitation, name=name, time_zone=time_zone, at=at)


def _keep_the_book(invitation: Invitation, at: datetime) -> None:
    """Schedules may still name somebody who left: those hours were not theirs up to now."""
    known = queries.user_by_email(invitation.email)
    if known is not None and not known.is_active:
        record_past(at=at)
        findings.check_soon(at=at)
