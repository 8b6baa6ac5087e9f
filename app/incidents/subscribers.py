"""Mail for people outside who want to hear what the public status page says: they ask, confirm, and leave.

Their link is made from their row and the installation's key, so every mail can carry it and nothing secret is
kept. Looking at it changes nothing, since mail scanners look.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from app.database import db
from app.domain.component import WORDS, state_of
from app.domain.invalid import InvalidField
from app.domain.text import one_line
from app.domain.timeline import Kind, Subject
from app.incidents.models import Incident, IncidentUpdate, StatusSubscriber
from app.incidents.status_page import names_for_public
from app.notices.mail import queue_mail
from app.people import queries
from app.timeline.record import record

_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")
MOST = 2000
ASK_AGAIN = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=7)  # whoever never confirmed

ASKED = """You, or somebody who knows your address, asked for mail when {whose} says how it stands.

Yes, send it to me:
{link}

It was not you? Then do nothing: nothing more comes.
"""
TOLD = """{text}

How it stands now: {page}

You asked for this mail. Send me no more: {link}
"""


def subscribe(address: str, *, at: datetime) -> None:
    """Ask whoever reads `address` whether they want it; nothing is sent to them until they say so.

    The same for an address that is known already, so that nobody learns whose is. Raises InvalidField.
    """
    address = one_line(address, limit=254).lower()
    if _ADDRESS.fullmatch(address) is None:
        raise InvalidField([("/address", "Write an address such as name@example.org.")])
    _forget_silent(at)
    known = db.session.scalar(sa.select(StatusSubscriber).where(StatusSubscriber.address == address))
    if known is None:
        if (db.session.scalar(sa.select(sa.func.count()).select_from(StatusSubscriber)) or 0) >= MOST:
            raise InvalidField([("/address", "The list is full. The feed below has the same words.")])
        known = StatusSubscriber(address=address, asked_at=at)
        db.session.add(known)
        db.session.flush()
        record(Kind.CREATED, Subject.STATUS_SUBSCRIBER, known.id, at=at)
    elif known.confirmed_at is not None or at - known.asked_at < ASK_AGAIN:
        return
    known.asked_at = at
    queue_mail(
        address, f"Mail from {_whose()}?", ASKED.format(whose=_whose(), link=link(known)), at=at
    )  # fmt: skip


def find(token: str) -> StatusSubscriber | None:
    """Whose link this is; None for nobody's, or somebody's who has left."""
    number, _, _ = token.partition(".")
    row = db.session.get(StatusSubscriber, int(number)) if number.isdecimal() and len(number) < 10 else None
    if row is None or not hmac.compare_digest(_token(row).encode(), token.encode(errors="replace")):
        return None
    return row


def confirm(row: StatusSubscriber, *, at: datetime) -> None:
    """From now on they hear of it. Twice is once."""
    if row.confirmed_at is None:
        row.confirmed_at = at
        record(Kind.CHANGED, Subject.STATUS_SUBSCRIBER, row.id, at=at, is_confirmed=True)


def leave(row: StatusSubscriber, *, at: datetime) -> None:
    """Nothing more is sent, and the address is forgotten."""
    record(Kind.DELETED, Subject.STATUS_SUBSCRIBER, row.id, at=at)
    db.session.delete(row)


def count() -> int:
    """How many have confirmed."""
    confirmed = StatusSubscriber.confirmed_at.is_not(None)
    return db.session.scalar(sa.select(sa.func.count()).where(confirmed)) or 0


def tell(incident: Incident, sent: IncidentUpdate, *, at: datetime) -> None:
    """Mail what the public is told, and no more of the incident."""
    state = WORDS[state_of([(incident.severity, incident.status)])]
    about = ", ".join(names_for_public(incident)) or _whose()
    confirmed = sa.select(StatusSubscriber).where(StatusSubscriber.confirmed_at.is_not(None))
    for row in db.session.scalars(confirmed.order_by(StatusSubscriber.id)):
        text = TOLD.format(text=sent.issue, page=f"{_base()}/public/status", link=link(row))
        queue_mail(row.address, f"{about}: {state}", text, at=at, leave_url=f"{link(row)}/removal")


def link(row: StatusSubscriber) -> str:
    return f"{_base()}/public/status/subscribers/{_token(row)}"


def _token(row: StatusSubscriber) -> str:
    secret = current_app.config["settings"].secret_key.encode()
    digest = hmac.digest(secret, f"subscriber:{row.id}:{row.address}".encode(), "sha256")
    return f"{row.id}.{urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _base() -> str:
    base: str = current_app.config["settings"].status_base
    return base


def _whose() -> str:
    organisation = queries.organisation()
    return "Nightbell" if organisation is None else organisation.name


def _forget_silent(at: datetime) -> None:
    silent = StatusSubscriber.confirmed_at.is_(None), StatusSubscriber.asked_at < at - FORGOTTEN_AFTER
    db.session.execute(sa.delete(StatusSubscriber).where(*silent))
