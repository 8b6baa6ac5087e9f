"""Who leads: taken with one tap while nobody does, handed over by name, never held by two (S-35)."""

from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain import assembly
from app.domain.assembly import Command
from app.domain.lifecycle import InvalidTransition
from app.domain.timeline import Kind, Subject
from app.domain.words import IncidentStatus
from app.incidents import assemble, queries, tell
from app.incidents.models import Incident, IncidentAlert
from app.people.models import User
from app.people.rights import Act, may
from app.timeline.models import Event
from app.timeline.record import record

ANYBODY = object()  # a handover that does not say from whom


def take(incident: Incident, *, by: User, at: datetime) -> None:
    """Lead an incident that nobody leads. A second tap changes nothing; after somebody else it is refused."""
    if assembly.may_take(_held(incident), by.id, at=at):
        _put_in_command(incident, by, by=by, at=at)


def hand_over(
    incident: Incident, *, to: User, by: User, at: datetime, instead_of: int | object | None = ANYBODY
) -> None:
    """Exactly one commands; the handover is named and logged (S-35).

    `instead_of` is the id of who commanded on the screen that was pressed, None for nobody. Raises
    CommandTaken when it is somebody else by now.
    """
    if not to.is_active:
        raise InvalidTransition(f"{to.name} has left, so they cannot take command.")
    if not may(to, Act.SEE_OPERATIONS):
        raise InvalidTransition(f"{to.name} only looks on, so they cannot take command.")
    is_told = instead_of is not ANYBODY
    seen = instead_of if isinstance(instead_of, int) else None
    if assembly.may_hand_over(_held(incident), to_id=to.id, instead_of=seen, is_told=is_told, at=at):
        _put_in_command(incident, to, by=by, at=at)
        tell.command_is_yours(incident, to=to, by=by, at=at)


def leave_without_commander(incident: Incident, *, by: User, at: datetime) -> None:
    """Whoever commanded has left, and nobody takes over yet."""
    incident.commander = incident.commander_id = incident.commander_since = None
    incident.updated_at = at
    record(Kind.COMMANDER_CHANGED, Subject.INCIDENT, incident.id, at=at, by=by, to_user_id=None, to="nobody")


def lead_by_acknowledgement(at: datetime, *, limit: int = 20) -> int:
    """Incidents that a rule made are led by the first to acknowledge any of their alerts. Returns how many.

    Only where nobody has ever led: whoever gave command up is not drawn back in by an old acknowledgement.
    """
    led = sa.exists().where(
        Event.subject_kind == Subject.INCIDENT, Event.subject_id == Incident.id,
        Event.kind == Kind.COMMANDER_CHANGED,
    )  # fmt: skip
    waiting = sa.select(Incident.id).where(
        Incident.commander_id.is_(None), Incident.removed_at.is_(None), Incident.declared_by_id.is_(None), ~led,
        Incident.status.not_in((IncidentStatus.RESOLVED, IncidentStatus.CLOSED)),
        Incident.resolved_at.is_(None),  # says the same, in the words of an index
    )  # fmt: skip
    begun = 0
    for incident_id in db.session.scalars(waiting.order_by(Incident.id).limit(limit)).all():
        first = _first_to_acknowledge(incident_id)
        incident = queries.locked(incident_id) if first is not None else None
        if first is None or incident is None or incident.commander_id is not None:
            continue
        _put_in_command(incident, first, by=first, at=at)
        begun += 1
    return begun


def _first_to_acknowledge(incident_id: int) -> User | None:
    alerts = sa.select(IncidentAlert.alert_id).where(IncidentAlert.incident_id == incident_id)
    rows = sa.select(User).join(Event, Event.actor_id == User.id).where(
        Event.subject_kind == Subject.ALERT, Event.subject_id.in_(alerts), Event.kind == Kind.ACKNOWLEDGED,
        User.is_active,
    )  # fmt: skip
    people = db.session.scalars(rows.order_by(Event.id).limit(20))
    return next((person for person in people if may(person, Act.SEE_OPERATIONS)), None)


def _put_in_command(incident: Incident, to: User, *, by: User, at: datetime) -> None:
    record(
        Kind.COMMANDER_CHANGED, Subject.INCIDENT, incident.id, at=at, by=by, to_user_id=to.id,
        from_user_id=incident.commander_id,
    )  # fmt: skip
    incident.commander, incident.commander_id = to, to.id
    incident.commander_since = incident.updated_at = at
    assemble.put_in(incident, to, at=at)


def _held(incident: Incident) -> Command | None:
    if incident.commander is None or incident.commander_id is None:
        return None
    return Command(
        incident.commander_id, incident.commander.name, incident.commander_since or incident.declared_at
    )
