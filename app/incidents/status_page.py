"""How what we look after is: for everybody in the organisation, and with far less for whoever is outside.

Outside is told nothing that nobody chose to say there: the names somebody gave for it, a word for the state,
and the first field of the updates sent to the public. No incident's title, no number, nobody's name.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from app.alerts.models import Service
from app.database import db
from app.domain.component import ComponentState, names_in, state_of
from app.domain.lifecycle import InvalidTransition
from app.domain.timeline import Kind, Subject
from app.domain.words import Audience, IncidentStatus
from app.incidents.models import Incident, IncidentUpdate
from app.people.models import Organisation, User
from app.people.rights import Act, require
from app.timeline.record import record

TOLD_FOR = timedelta(days=30)  # how long the public page keeps an incident
MOST = 50  # incidents on it


class NotForOutside(InvalidTransition):
    """It cannot be said to the public; the message says why."""


@dataclass(frozen=True)
class Component:
    """A service as a status page shows it. `incidents` are open ones that touch it, the worst first."""

    service: Service
    name: str
    state: ComponentState
    incidents: Sequence[Incident] = ()


@dataclass(frozen=True)
class Said:
    """What people outside were told, once. `key` names it for ever and says nothing."""

    key: str
    text: str
    at: datetime


@dataclass(frozen=True)
class PublicIncident:
    """An incident as people outside see it; `said` the newest first."""

    components: Sequence[str]
    state: ComponentState
    is_over: bool
    said: Sequence[Said]


def is_public() -> bool:
    organisation = db.session.get(Organisation, 1)
    return organisation is not None and organisation.is_status_public


def open_to_public(organisation: Organisation, *, is_open: bool, by: User, at: datetime) -> None:
    """Let people without a sign-in read the public page, or no longer."""
    require(by, Act.MANAGE_ORGANISATION)
    if organisation.is_status_public != is_open:
        organisation.is_status_public = is_open
        record(
            Kind.CHANGED, Subject.ORGANISATION, organisation.id, at=at, by=by,
            **{"field": "is_status_public", "from": str(not is_open), "to": str(is_open)},
        )  # fmt: skip


def components() -> list[Component]:
    """Every service that is looked after, by name, with the open incidents that touch it."""
    rows = db.session.scalars(sa.select(Service).where(Service.is_active).order_by(Service.name, Service.id))
    touching = _open_incidents()
    return [
        _component(row, row.name, [each for each in touching if row.id in {s.id for s in each.services}])
        for row in rows
    ]


def public_components() -> list[Component]:
    """Those with a public name. Only incidents that the public was told of count."""
    named = sa.select(Service).where(Service.is_active, Service.public_name != "")
    told = _told_of()
    touching = [each for each in _open_incidents() if each.id in told]
    return [
        _component(row, row.public_name, [each for each in touching if row in each.services])
        for row in db.session.scalars(named.order_by(Service.public_name, Service.id))
    ]


def public_incidents(*, at: datetime) -> list[PublicIncident]:
    """What the public was told in the last 30 days, the incident with the newest word first."""
    rows = db.session.execute(
        sa.select(IncidentUpdate, Incident)
        .join(Incident, Incident.id == IncidentUpdate.incident_id)
        .where(
            IncidentUpdate.audience == Audience.PUBLIC, IncidentUpdate.sent_at > at - TOLD_FOR, _told_to_all()
        )
        .options(selectinload(Incident.services))
        .order_by(IncidentUpdate.sent_at.desc(), IncidentUpdate.id.desc())
    )
    by_incident: dict[int, tuple[Incident, list[Said]]] = {}
    for update, incident in rows:
        said = Said(_key(update), update.issue, update.sent_at)
        by_incident.setdefault(incident.id, (incident, []))[1].append(said)
    return [_shown(incident, said) for incident, said in list(by_incident.values())[:MOST]]


def names_for_public(incident: Incident) -> list[str]:
    """What people outside know the services of an incident by."""
    return sorted({each.public_name for each in incident.services if each.is_active and each.public_name})


def check_for_public(text: str) -> None:
    """Raises NotForOutside unless `text` may be read outside: the page is open, and it names nobody."""
    if not is_public():
        raise NotForOutside("The public status page is not open. An administrator can open it.")
    people = db.session.scalars(sa.select(User.name).where(User.is_active, ~User.is_service))
    if found := names_in(text, people):
        raise NotForOutside(f"People outside read What is wrong. Leave this out of it: {', '.join(found)}.")


def _open_incidents() -> list[Incident]:
    over = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)
    rows = (
        sa.select(Incident)
        .where(Incident.status.not_in(over), _told_to_all())
        .options(selectinload(Incident.services))
    )
    return list(db.session.scalars(rows.order_by(Incident.severity, Incident.id)))


def _told_to_all() -> sa.ColumnElement[bool]:
    """Restricted incidents stand on no page for all, nor do removed ones (S-82)."""
    return sa.and_(~Incident.is_restricted, Incident.removed_at.is_(None))


def _told_of() -> frozenset[int]:
    told = sa.select(IncidentUpdate.incident_id).where(IncidentUpdate.audience == Audience.PUBLIC)
    return frozenset(db.session.scalars(told))


def _component(service: Service, name: str, incidents: Sequence[Incident]) -> Component:
    return Component(service, name, state_of((each.severity, each.status) for each in incidents), incidents)


def _shown(incident: Incident, said: Sequence[Said]) -> PublicIncident:
    return PublicIncident(
        names_for_public(incident), state_of([(incident.severity, incident.status)]), not incident.is_open, said
    )


def _key(update: IncidentUpdate) -> str:
    named = f"{update.incident_id} {update.number} {update.sent_at.isoformat()}"
    return hashlib.sha256(named.encode()).hexdigest()[:32]
