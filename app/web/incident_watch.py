"""What two hundred open screens ask for, as cheap as it can be: whether an incident changed, and its live part.

Whoever was let in is not asked for all their rights again for a minute: one question to the database says the
version, and whether their session still lives, they still have their role, and all may still see the incident.
It is asked once for all screens of this process that are open, and its answer counts for `HELD_FOR`.
The live part is drawn once for everybody who sees as much of it in the same zone, not once for each.
"""

import hashlib
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask, current_app
from werkzeug.exceptions import ServiceUnavailable

from app import clock
from app.database import db
from app.domain.timeline import Subject
from app.domain.words import Role
from app.incidents.models import Incident, IncidentAlert
from app.people import secret
from app.people.models import Session, User
from app.timeline.models import Event

# in seconds
HELD_FOR = 0.3
LET_IN_FOR = 60.0
CLOSED_AFTER = 5.0  # a screen looks every 1.2 s
WAITS_FOR = 5.0  # for another's question; a database that hangs holds no more threads than that
MOST_LET_IN = 5000
MOST_DRAWN = 64

_OF_IT = sa.and_(Event.subject_kind == str(Subject.INCIDENT), Event.subject_id == Incident.id)
_OF_ITS_ALERTS = sa.and_(
    Event.subject_kind == str(Subject.ALERT),
    Event.subject_id.in_(sa.select(IncidentAlert.alert_id).where(IncidentAlert.incident_id == Incident.id)),
)
# how many besides the newest: of two written at once the one with the lower number may be there later
_FACTS = sa.select(
    Incident.id,
    Incident.is_restricted,
    Incident.updated_at,
    *(
        sa.select(what).where(which).correlate(Incident).scalar_subquery()
        for which in (_OF_IT, _OF_ITS_ALERTS)
        for what in (sa.func.max(Event.id), sa.func.count())
    ),
).where(Incident.removed_at.is_(None), Incident.id.in_(sa.bindparam("numbers", expanding=True)))
_WHO = (
    sa.select(Session.token_hash, User.role)
    .join(User, Session.user_id == User.id)
    .where(
        Session.token_hash.in_(sa.bindparam("tokens", expanding=True)),
        User.is_active,
        User.locked_at.is_(None),
    )
)


@dataclass
class Guest:
    """Who was let in: as what, until when, and what decides how much they see of the live part."""

    role: Role
    until: float
    sees: tuple[object, ...]
    looked_at: float


@dataclass(frozen=True)
class Look:
    """`version` is another one after every change of the incident or of its alerts. `guest` is None for whoever
    has to be asked for their rights.
    """

    version: str
    guest: Guest | None
    at: datetime


@dataclass(frozen=True)
class Held:
    """What the database last said, of all incidents that are looked at and of all browsers that look."""

    ticks: float
    at: datetime
    incidents: dict[int, tuple[str, bool] | None]  # the version, and whether it is restricted
    roles: dict[str, Role | None]

    @property
    def age(self) -> float:
        return clock.ticks() - self.ticks


@dataclass
class Watched:
    """The guests by their browser and the incident, what is held of them; and the live parts."""

    guests: dict[tuple[str, int], Guest] = field(default_factory=dict)
    held: Held | None = None
    asking: threading.Lock = field(default_factory=threading.Lock)
    drawn: dict[tuple[object, ...], str] = field(default_factory=dict)
    drawing: threading.Lock = field(default_factory=threading.Lock)
    held_for: float = HELD_FOR

    def serving(self, number: int) -> Held | None:
        """What is held, where it says something of this incident and is young enough."""
        held = self.held
        return held if held and number in held.incidents and held.age < self.held_for else None


def register(app: Flask) -> None:
    app.extensions["incident_watch"] = Watched()


def look(token: str | None, number: int) -> Look | None:
    """How the incident is for the browser with this token; None where there is no such incident."""
    held = _held(number)
    if (it := held.incidents[number]) is None:
        return None
    version, is_restricted = it
    digest = secret.digest(token or "")
    # read after what is held: a guest of whom that says nothing was let in since
    guest = _watched().guests.get((digest, number))
    if guest is not None:
        guest.looked_at = clock.ticks()
        still = held.roles.get(digest, guest.role)
        if is_restricted or still is not guest.role or guest.until < guest.looked_at:
            guest = None
    return Look(version, guest, held.at + timedelta(seconds=held.age))


def let_in(token: str | None, number: int, *, role: Role, sees: tuple[object, ...]) -> Guest:
    """This browser's person may see the incident."""
    known, now = _watched().guests, clock.ticks()
    if len(known) >= MOST_LET_IN:
        known.clear()
    guest = known[secret.digest(token or ""), number] = Guest(role, now + LET_IN_FOR, sees, now)
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


def _held(number: int) -> Held:
    """What is known of this incident and all other watched ones, no older than it may be. Of many who want it
    at once the first asks the database, the others wait for that. Raises ServiceUnavailable when it takes long.
    """
    watched = _watched()
    if (held := watched.serving(number)) is not None:
        return held
    if not watched.asking.acquire(timeout=WAITS_FOR):
        raise ServiceUnavailable
    try:
        if (held := watched.serving(number)) is None:
            held = watched.held = _ask(number, _open(watched.guests))
        return held
    finally:
        watched.asking.release()


def _open(guests: dict[tuple[str, int], Guest]) -> Collection[tuple[str, int]]:
    """Whose screens are open, and on what. Those that have not looked for a while are forgotten."""
    since = clock.ticks() - CLOSED_AFTER
    for who, guest in list(guests.items()):
        if guest.looked_at < since:
            guests.pop(who, None)
    return list(guests)


def _ask(number: int, looking: Collection[tuple[str, int]]) -> Held:
    ticks, at = clock.ticks(), clock.now()
    numbers = {number, *(watched for _, watched in looking)}
    tokens = {digest for digest, _ in looking}
    incidents: dict[int, tuple[str, bool] | None] = dict.fromkeys(numbers)
    for each, is_restricted, *facts in db.session.execute(_FACTS, {"numbers": list(numbers)}):
        incidents[each] = hashlib.sha256(repr((each, *facts)).encode()).hexdigest()[:16], is_restricted
    roles: dict[str, Role | None] = dict.fromkeys(tokens)
    if tokens:
        roles.update((token, role) for token, role in db.session.execute(_WHO, {"tokens": list(tokens)}))
    return Held(ticks, at, incidents, roles)


def _watched() -> Watched:
    found: Watched = current_app.extensions["incident_watch"]
    return found
