"""An incident without an alert: somebody sees that something is wrong, and says so in two taps (S-27, S-28)."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from app.alerts.models import Service
from app.database import db
from app.domain.lifecycle import InvalidTransition
from app.domain.text import one_line, prose
from app.domain.timeline import Kind, Subject
from app.domain.update import next_due
from app.domain.words import IncidentSeverity, IncidentStatus
from app.incidents import assemble, tell
from app.incidents.models import Incident
from app.people.models import User
from app.people.rights import Act, require
from app.timeline.record import record

SAME_TAP = timedelta(minutes=1)


def declare(
    *, severity: IncidentSeverity, service: Service | None, by: User, at: datetime, title: str = "",
    impact: str = "", is_restricted: bool = False,
) -> Incident:  # fmt: skip
    """Whoever declares it commands it. The same words within a minute are a second tap: one incident.

    Without a title it is named after its service. Detected is now; it can be corrected. Raises NotAllowed for
    whoever only looks on.
    """
    require(by, Act.SEE_OPERATIONS)
    words = one_line(title, limit=200) or f"Something is wrong with {service.name if service else 'us'}"
    tapped = _tapped_before(words, by, at)
    if tapped is not None:
        return tapped
    incident = Incident(
        title=words, severity=severity, status=IncidentStatus.OPEN, commander_id=by.id, commander_since=at,
        team_id=None if service is None else service.team_id, declared_by_id=by.id, detected_at=at,
        declared_at=at, acknowledged_at=at, created_at=at, updated_at=at, impact=prose(impact, limit=1000),
        services=[] if service is None else [service],
    )  # fmt: skip
    incident.next_update_at, incident.is_restricted = next_due(severity, at), is_restricted
    db.session.add(incident)
    db.session.flush()
    assemble.put_in(incident, by, at=at)
    record(Kind.DECLARED, Subject.INCIDENT, incident.id, at=at, by=by, severity=severity)
    if is_restricted:
        record(Kind.RESTRICTED, Subject.INCIDENT, incident.id, at=at, by=by)
    tell.it_is_declared(incident, by=by, at=at)
    return incident


def correct_detection(
    incident: Incident, detected_at: datetime, *, because: str, by: User, at: datetime
) -> None:
    """When it was really noticed (S-21). What stood before, and why it changed, stay in the timeline."""
    if detected_at == incident.detected_at:
        return
    if detected_at > min(at, incident.declared_at):
        raise InvalidTransition("It was detected before it was declared. Choose an earlier moment.")
    if not because.strip():
        raise InvalidTransition("Say in a word or two how you know when it was detected.")
    record(
        Kind.DETECTION_CORRECTED, Subject.INCIDENT, incident.id, at=at, by=by, because=because.strip(),
        **{"from": incident.detected_at.isoformat(), "to": detected_at.isoformat()},
    )  # fmt: skip
    incident.detected_at, incident.updated_at = detected_at, at
    tell.it_says_something_else(incident, "Other time of detection", by=by, at=at)


def say_impact(incident: Incident, impact: str, *, by: User, at: datetime) -> None:
    """Who notices, in plain words."""
    words = prose(impact, limit=1000)
    if words != incident.impact:
        incident.impact, incident.updated_at = words, at
        record(Kind.IMPACT_SAID, Subject.INCIDENT, incident.id, at=at, by=by, text=words)
        tell.it_says_something_else(incident, f"Who notices: {words or 'not said'}", by=by, at=at)


def _tapped_before(title: str, by: User, at: datetime) -> Incident | None:
    same = sa.select(Incident).where(
        Incident.declared_by_id == by.id, Incident.title == title, Incident.declared_at > at - SAME_TAP
    )
    return db.session.scalars(same.order_by(Incident.id.desc()).limit(1)).one_or_none()
