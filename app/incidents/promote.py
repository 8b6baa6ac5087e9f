"""An alert becomes an incident; who promotes it commands it until it is handed over."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.alerts.acknowledge import acknowledge
from app.alerts.models import Alert
from app.database import db
from app.domain.joining import joins
from app.domain.lifecycle import suggested_severity
from app.domain.timeline import Kind, Subject
from app.domain.update import next_due
from app.domain.words import AlertStatus, IncidentSeverity, IncidentStatus
from app.incidents import assemble, queries, tell
from app.incidents.models import Incident
from app.people.models import User
from app.timeline.models import Event
from app.timeline.record import record


def promote(
    alert: Alert,
    *,
    by: User | None,
    at: datetime,
    severity: IncidentSeverity | None = None,
    title: str | None = None,
    rule: str | None = None,
    alone: bool = False,
) -> Incident:
    """The alert's incident: the one it belongs to already, one that it joins, or a new one.

    It joins the open incident of its source's group, else one of its service declared in the last 30 minutes,
    unless it is to be `alone`. By a person, an alert that nobody has is acknowledged in the same tap, and they
    command what is new. By a `rule` (its name) `by` is None, and nobody leads yet. `alert` is locked.
    """
    known = queries.incident_of(alert.id)
    if known is not None:
        return known
    if by is not None and alert.status is AlertStatus.TRIGGERED:
        acknowledge(alert, by=by, at=at)
    join = (
        None
        if alone
        else joins(queries.open_to_join(alert), service_id=alert.service_id, group=_group(alert), at=at)
    )
    joined = queries.locked(join.number) if join is not None else None
    if join is not None and joined is not None and joined.is_open:
        add_alert(joined, alert, by=by, at=at, because=join.because, rule=rule)
        return joined
    incident = Incident(
        title=title or alert.title, severity=severity or suggested_severity(alert.severity),
        status=IncidentStatus.OPEN, commander=by, commander_since=None if by is None else at,
        team_id=alert.team_id, declared_by=by, impact_started_at=alert.started_at,
        detected_at=alert.created_at, declared_at=at, acknowledged_at=_first_human_acknowledgement(alert),
        created_at=at, updated_at=at, alerts=[alert], services=[alert.service],
    )  # fmt: skip
    incident.next_update_at = next_due(incident.severity, at)
    db.session.add(incident)
    db.session.flush()
    if by is not None:
        assemble.put_in(incident, by, at=at)
    facts: dict[str, Any] = {} if rule is None else {"rule": rule}
    record(
        Kind.DECLARED, Subject.INCIDENT, incident.id, at=at, by=by, severity=incident.severity,
        alert_id=alert.id, **facts,
    )  # fmt: skip
    record(Kind.PROMOTED, Subject.ALERT, alert.id, at=at, by=by, incident_id=incident.id, **facts)
    tell.it_is_declared(incident, by=by, at=at)
    return incident


def add_alert(
    incident: Incident,
    alert: Alert,
    *,
    by: User | None,
    at: datetime,
    because: str = "",
    rule: str | None = None,
) -> None:
    """One more alert belongs to this incident. Detection moves back if the alert was earlier.

    `because` says why it was not made an incident of its own; both timelines tell.
    """
    if queries.incident_of(alert.id) is not None:
        return
    incident.alerts.append(alert)
    if alert.service not in incident.services:
        incident.services.append(alert.service)
    incident.detected_at = min(incident.detected_at, alert.created_at)
    incident.updated_at = at
    facts: dict[str, Any] = {"because": because} if because else {}
    facts |= {} if rule is None else {"rule": rule}
    record(Kind.ALERT_ADDED, Subject.INCIDENT, incident.id, at=at, by=by, alert_id=alert.id, **facts)
    record(Kind.PROMOTED, Subject.ALERT, alert.id, at=at, by=by, incident_id=incident.id, **facts)


def _group(alert: Alert) -> tuple[int, str] | None:
    return (
        None
        if alert.group_key is None or alert.integration_id is None
        else (alert.integration_id, alert.group_key)
    )


def _first_human_acknowledgement(alert: Alert) -> datetime | None:
    db.session.flush()
    moment: datetime | None = db.session.scalar(
        sa.select(sa.func.min(Event.at)).where(
            Event.subject_kind == Subject.ALERT, Event.subject_id == alert.id, Event.kind == Kind.ACKNOWLEDGED,
            Event.actor_id.is_not(None),
        )
    )  # fmt: skip
    return moment
