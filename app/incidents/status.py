"""An incident moves on: begun, mitigated, resolved, closed, reopened; its severity changes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.alerts import queries as alert_queries
from app.alerts.resolve import resolve as resolve_alert
from app.database import db
from app.domain.lifecycle import incident_after
from app.domain.task import OpenTasks
from app.domain.timeline import Kind, Subject
from app.domain.update import next_due
from app.domain.words import IncidentSeverity, IncidentStatus
from app.incidents import queries, tasks, tell
from app.incidents.models import Incident
from app.people.models import User
from app.timeline.record import record

CLOSES_AFTER = timedelta(days=3)


def begin(incident: Incident, *, by: User, at: datetime) -> None:
    """People are working on it: containment."""
    _move(incident, "begin", at=at, by=by)
    incident.mitigated_at = None


def mitigate(incident: Incident, *, by: User, at: datetime) -> None:
    """Customers no longer hurt: recovery."""
    _move(incident, "mitigate", at=at, by=by)
    incident.mitigated_at = at


def resolve(
    incident: Incident, *, by: User, at: datetime, resolution: str = "", alerts: Iterable[int] = ()
) -> None:
    """It is over, and with it those of its open alerts that `alerts` names."""
    _move(incident, "resolve", at=at, by=by, resolution=resolution)
    incident.resolved_at, incident.resolution = at, resolution or None
    mine = {alert.id for alert in queries.open_alerts(incident)}
    for alert_id in sorted(mine.intersection(alerts)):
        alert = alert_queries.locked(alert_id)
        if alert is not None and alert.is_open:
            resolve_alert(alert, by=by, at=at, reason=f"Resolved with incident {incident.number}")


def close(incident: Incident, *, at: datetime, by: User | None = None, keep_tasks: bool = False) -> None:
    """Nothing is left to do here. `by` is None when three days have passed.

    Tasks that are open stay open as follow-ups. A person says so with `keep_tasks`; raises OpenTasks otherwise.
    """
    left = tasks.open_tasks(incident)
    incident_after(incident.status, "close")
    if left and by is not None and not keep_tasks:
        raise OpenTasks([task.text for task in left])
    _move(incident, "close", at=at, by=by, kind=Kind.CLOSED, open_tasks=len(left))
    incident.closed_at = at


def close_due(at: datetime, *, stays: sa.ColumnElement[bool] | None = None, limit: int = 50) -> int:
    """Close what was resolved three days ago, but for incidents of which `stays` is true; returns how many.
    Inside a transaction.
    """
    due = sa.select(Incident.id).where(
        Incident.status == IncidentStatus.RESOLVED,
        Incident.removed_at.is_(None),
        Incident.resolved_at <= at - CLOSES_AFTER,
    )
    if stays is not None:
        due = due.where(~stays)
    closed = 0
    for incident_id in db.session.scalars(due.limit(limit)).all():
        incident = queries.locked(incident_id)
        if incident is not None and incident.status is IncidentStatus.RESOLVED:
            close(incident, at=at)
            closed += 1
    return closed


def reopen(incident: Incident, *, by: User, at: datetime) -> None:
    """It was not over. The first resolution stays in the timeline."""
    _move(incident, "reopen", at=at, by=by, kind=Kind.REOPENED)
    incident.resolved_at = incident.closed_at = incident.resolution = incident.merged_into_id = None
    incident.reopen_count += 1


def change_severity(incident: Incident, severity: IncidentSeverity, *, by: User, at: datetime) -> None:
    if incident.severity is severity:
        return
    record(
        Kind.SEVERITY_CHANGED, Subject.INCIDENT, incident.id, at=at, by=by,
        **{"from": incident.severity, "to": severity},
    )  # fmt: skip
    incident.severity, incident.updated_at = severity, at
    sooner = next_due(severity, at)
    if incident.is_open and sooner is not None:
        incident.next_update_at = min(incident.next_update_at or sooner, sooner)
    tell.it_says_something_else(incident, f"Now {severity.upper()}", by=by, at=at)


def _move(
    incident: Incident,
    move: str,
    *,
    at: datetime,
    by: User | None,
    kind: Kind = Kind.STATUS_CHANGED,
    resolution: str = "",
    open_tasks: int = 0,
) -> None:
    before = incident.status
    incident.status, incident.updated_at = incident_after(before, move), at
    also = {"resolution": resolution, "open_tasks": open_tasks}
    moved = {"from": str(before), "to": str(incident.status)}
    facts = moved | {name: said for name, said in also.items() if said}
    if not incident.is_open:
        incident.next_update_at = None
    elif move == "reopen":
        incident.next_update_at = next_due(incident.severity, at)
    record(kind, Subject.INCIDENT, incident.id, at=at, by=by, **facts)
    tell.it_moved(incident, by=by, at=at)
