"""What two hundred open screens ask for, as cheap as it can be: whether an incident changed, and its live part.

Whoever was let in is not asked for all their rights again for a minute: one question to the database says the
version, and whether their session still lives, they still have their role, and all may still see the incident.
The live part is drawn once for everybody who sees as much of it in the same zone, not once for each.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask import Flask, current_app

from app.database import db
from app.domain.timeline import Subject
from app.domain.words import Role
from app.incidents.models import Incident, IncidentAlert
from app.people import secret
from app.people.models import Session, User
from app.timeline.models import Event

LET_IN_FOR = 60.0  # seconds
MOST_LET_IN = 5000
MOST_DRAWN = 64
_NUMBER, _TOKEN = sa.bindparam("number", type_=sa.Integer), sa.bindparam("token", type_=sa.Text)
_IT = sa.select(Incident).where(Incident.id == _NUMBER, Incident.removed_at.is_(None))
_OF_IT = sa.select(sa.func.max(Event.id)).where(
    Event.subject_kind == str(Subject.INCIDENT), Event.subject_id == _NUMBER
)
_OF_ITS_ALERTS = sa.select(sa.func.max(Event.id)).where(
    Event.subject_kind == str(Subject.ALERT),
    Event.subject_id.in_(sa.select(IncidentAlert.alert_id).where(IncidentAlert.incident_id == _NUMBER)),
)
_WHO = (
    sa.select(User.role)
    .join(Session, Session.user_id == User.id)
    .where(Session.token_hash == _TOKEN, User.is_active, User.locked_at.is_(None))
)
_LOOK = sa.select(
    _IT.with_only_columns(Incident.updated_at).scalar_subquery(),
    _OF_IT.scalar_subquery(),
    _OF_ITS_ALERTS.scalar_subquery(),
    _IT.with_only_columns(Incident.is_restricted).scalar_subquery(),
    _WHO.scalar_subquery(),
)


@dataclass(frozen=True)
class Guest:
    """Who was let in: as what, until when, and what decides how much they see of the live part."""

    role: Role
    until: float
    sees: tuple[object, ...]


@dataclass(frozen=True)
class Look:
    """`version` is another one after every change of the incident or of its alerts. `guest` is None for whoever
    has to be asked for their rights.
    """

    version: str
    guest: Guest | None


@dataclass
class Watched:
    """The guests by their browser and the incident; and the live parts."""

    guests: dict[tuple[str, int], Guest] = field(default_factory=dict)
    drawn: dict[tuple[object, ...], str] = field(default_factory=dict)
    drawing: threading.Lock = field(default_factory=threading.Lock)


def register(app: Flask) -> None:
    app.extensions["incident_watch"] = Watched()


def look(token: str | None, number: int) -> Look | None:
    """How the incident is for the browser with this token; None where there is no such incident."""
    digest = secret.digest(token or "")
    *facts, is_restricted, role = db.session.execute(_LOOK, {"number": number, "token": digest}).one()
    if facts[0] is None:
        return None
    guest = _watched().guests.get((digest, number))
    if guest is not None and (is_restricted or role is not guest.role or guest.until < time.monotonic()):
        guest = None
    return Look(hashlib.sha256(repr(facts).encode()).hexdigest()[:16], guest)


def let_in(token: str | None, number: int, *, role: Role, sees: tuple[object, ...]) -> Guest:
    """This browser's person may see the incident."""
    known = _watched().guests
    if len(known) >= MOST_LET_IN:
        known.clear()
    guest = known[secret.digest(token or ""), number] = Guest(role, time.monotonic() + LET_IN_FOR, sees)
    return guest


def drawn(key: tuple[object, ...], draw: Callable[[], str]) -> str:
    """What `draw` says for this key. Of many who ask at once the first draws it, the others wait for that."""
    watched = _watched()
    if (found := watched.drawn.get(key)) is not None:
        return found
    with watched.drawing:
        if (found := watched.drawn.get(key)) is not None:
            return found
        if len(watched.drawn) >= MOST_DRAWN:
            watched.drawn.clear()
        watched.drawn[key] = draw()
        return watched.drawn[key]


def _watched() -> Watched:
    found: Watched = current_app.extensions["incident_watch"]
    return found
