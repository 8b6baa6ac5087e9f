"""An alert becomes an incident; who promotes it commands it until it is handed over."""

from datetime import datetime

import sqlalchemy as sa

from app.alerts.acknowledge import acknowledge
from app.alerts.models import Alert
from app.database import db
from app.domain.lifecycle import suggested_severity
from app.domain.timeline import Kind, Subject
from app.domain.words import AlertStatus, IncidentSeverity, IncidentStatus
from app.incidents import assemble, queries, tell
from app.incidents.models import Incident
from app.people.models import User
from app.timeline.models import Event
from app.timeline.record import record


def promote(
    alert: Alert, *, by: User, at: datetime, severity: IncidentSeverity | None = None, title: str | None = None
) -> Incident:
    """The alert's incident: a new one, or the one it belongs to already (a second tap changes nothing).

    An alert that nobody has yet is acknowledged by the promoter in the same tap. `alert` is locked.
    """
    known = queries.incident_of(alert.id)
    if known is not None:
        return known
    if alert.status is AlertStatus.TRIGGERED:
        acknowledge(alert, by=by, at=at)
    incident = Incident(
        title=title or alert.title, severity=severity or suggested_severity(alert.severity),
        status=IncidentStatus.OPEN, commander_id=by.id, commander_since=at, team_id=alert.team_id,
        declared_by_id=by.id, impact_started_at=alert.started_at, detected_at=alert.created_at, declared_at=at,
        acknowledged_at=_first_human_acknowledgement(alert), created_at=at, updated_at=at,
        alerts=[alert], services=[alert.service],
    )  # fmt: skip
    db.session.add(incident)
    db.session.flush()
    assemble.put_in(incident, by, at=at)
    record(
        Kind.DECLARED,
        Subject.INCIDENT,
        incident.id,
        at=at,
        by=by,
        severity=incident.severity,
        alert_id=alert.id,
    )
    record(Kind.PROMOTED, Subject.ALERT, alert.id, at=at, by=by, incident_id=incident.id)
    tell.it_is_declared(incident, by=by, at=at)
    return incident


def add_alert(incident: Incident, alert: Alert, *, by: User, at: datetime) -> None:
    """One more alert belongs to this incident. Detection moves back if the alert was earlier."""
    if queries.incident_of(alert.id) is not None:
        return
    incident.alerts.append(alert)
    if alert.service not in incident.services:
        incident.services.append(alert.service)
    incident.detected_at = min(incident.detected_at, alert.created_at)
    incident.updated_at = at
    record(Kind.ALERT_ADDED, Subject.INCIDENT, incident.id, at=at, by=by, alert_id=alert.id)
    record(Kind.PROMOTED, Subject.ALERT, alert.id, at=at, by=by, incident_id=incident.id)


def _first_human_acknowledgement(alert: Alert) -> datetime | None:
    db.session.flush()
    moment: datetime | None = db.session.scalar(
        sa.select(sa.func.min(Event.at)).where(
            Event.subject_kind == Subject.ALERT, Event.subject_id == alert.id, Event.kind == Kind.ACKNOWLEDGED,
            Event.actor_id.is_not(None),
        )
    )  # fmt: skip
    return moment
