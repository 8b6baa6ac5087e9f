"""A report of a source becomes a new alert, a repeat of an open one, or its end.

The hot path: plain statements instead of rows loaded one by one. A partial unique index decides whether a key
is new (INV-17), so that two reports arriving at the same instant make one alert. Paging is the engine's: this
only leaves the first due timer (INV-1).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app import wakeup
from app.alerts import escalate, queries
from app.alerts.acknowledge import acknowledge_by_source
from app.alerts.integrations import Door
from app.alerts.models import OPEN, Alert, Escalation, Integration
from app.alerts.resolve import resolve_by_source
from app.database import db, on_sqlite
from app.domain.alert import IncomingAlert, Said
from app.domain.lifecycle import urgency_of
from app.domain.timeline import Kind, Subject
from app.domain.words import AlertStatus, EscalationState, LowUrgency, Severity, Urgency
from app.timeline.models import Event
from app.timeline.record import record

# Built once, and on the tables instead of the classes: nothing is built for each report or loaded back.
_ALERT = cast(sa.Table, Alert.__table__)
_INSERT_ON_SQLITE = (
    sqlite_insert(_ALERT)
    .on_conflict_do_nothing(index_elements=["integration_id", "dedup_key"], index_where=OPEN)
    .returning(_ALERT.c.id)
)
_INSERT_ON_POSTGRESQL = (
    postgresql_insert(_ALERT)
    .on_conflict_do_nothing(index_elements=["integration_id", "dedup_key"], index_where=OPEN)
    .returning(_ALERT.c.id)
)
_INSERT_ESCALATION = sa.insert(cast(sa.Table, Escalation.__table__))
_INSERT_EVENT = sa.insert(cast(sa.Table, Event.__table__))

UNKNOWN_SEVERITY = Severity.ERROR  # a word nobody knows wakes somebody rather than nobody


class Outcome(StrEnum):
    """What a report did."""

    OPENED = "opened"
    REPEATED = "repeated"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    DROPPED = "dropped"  # nothing open by that key, or nothing left to do


@dataclass(frozen=True)
class Received:
    alert_id: int | None
    outcome: Outcome
    dedup_key: str


def receive(incoming: IncomingAlert, door: Integration | Door, *, at: datetime) -> Received:
    """Take one report in. `door` is the integration it came by; the alert belongs to its service."""
    key = incoming.dedup_key or secrets.token_hex(16)
    if incoming.status is Said.FIRING:
        found = _open_or_find(incoming, door, key, at=at)
        if isinstance(found, int):
            return Received(found, Outcome.OPENED, key)
        alert: Alert | None = found
    else:
        alert = _open_alert(door.id, key)
    if alert is None:
        return Received(None, Outcome.DROPPED, key)
    match incoming.status:
        case Said.RESOLVED:
            resolve_by_source(alert, ended_at=incoming.ended_at, at=at)
            return Received(alert.id, Outcome.RESOLVED, key)
        case Said.ACKNOWLEDGED:
            done = acknowledge_by_source(alert, at=at)
            return Received(alert.id, Outcome.ACKNOWLEDGED if done else Outcome.DROPPED, key)
        case _:
            _repeat(alert, incoming, door, at=at)
            return Received(alert.id, Outcome.REPEATED, key)


def _open_or_find(incoming: IncomingAlert, door: Integration | Door, key: str, *, at: datetime) -> int | Alert:
    """The number of a new alert, or the open one this repeats.

    An alert that ends while we wait for its lock leaves its key free again: this report is then a new one, not
    nothing. Another sender may take the key first, and so on; each time round somebody got on.
    """
    while True:
        opened = _open(incoming, door, key, at=at)
        if opened is not None:
            return opened
        if (alert := _open_alert(door.id, key)) is not None:
            return alert


def _open(incoming: IncomingAlert, door: Integration | Door, key: str, *, at: datetime) -> int | None:
    """A new alert with its timer and its event; None when the key is open already."""
    severity = _severity(incoming, door)
    urgency = urgency_of(severity)
    alert_id = db.session.scalar(
        _INSERT_ON_SQLITE if on_sqlite() else _INSERT_ON_POSTGRESQL,
        {
            "integration_id": door.id,
            "service_id": door.service_id,
            "team_id": door.team_id,
            "dedup_key": key,
            "title": incoming.title,
            "severity": severity,
            "urgency": urgency,
            "status": AlertStatus.TRIGGERED,
            "started_at": incoming.started_at or at,
            "created_at": at,
            "updated_at": at,
            **_says(incoming),
        },
    )
    if alert_id is None:
        return None
    quiet = urgency is Urgency.LOW and door.low_urgency is LowUrgency.RECORD
    db.session.execute(
        _INSERT_ESCALATION,
        {
            "alert_id": alert_id, "run": 1, "round": 0, "step": 0, "reminder": 0, "started_at": at,
            "state": EscalationState.DONE if quiet else EscalationState.RUNNING,
            "next_due_at": None if quiet else at,
        },
    )  # fmt: skip
    db.session.execute(
        _INSERT_EVENT,
        {
            "at": at, "kind": str(Kind.TRIGGERED), "subject_kind": str(Subject.ALERT), "subject_id": alert_id,
            "data": {"severity": severity, "urgency": urgency, "integration": door.name},
        },
    )  # fmt: skip
    if not quiet:
        wakeup.engine()
    return int(alert_id)


def _repeat(alert: Alert, incoming: IncomingAlert, door: Integration | Door, *, at: datetime) -> None:
    """The same trouble again: updated and counted. It pages only when it rises to high with nobody on it."""
    before, severity = alert.severity, _severity(incoming, door)
    alert.occurrences += 1
    alert.updated_at = at
    alert.title, alert.severity = incoming.title, severity
    for column, value in _says(incoming).items():
        setattr(alert, column, value)
    record(Kind.REPEATED, Subject.ALERT, alert.id, at=at, occurrences=alert.occurrences)
    if severity is before:
        return
    change: dict[str, Any] = {"from": before, "to": severity}
    record(Kind.SEVERITY_CHANGED, Subject.ALERT, alert.id, at=at, **change)
    rises = urgency_of(severity) is Urgency.HIGH and alert.urgency is Urgency.LOW
    alert.urgency = urgency_of(severity)
    if rises and alert.status is AlertStatus.TRIGGERED:
        escalate.restart(alert, at=at)


def _open_alert(integration_id: int, key: str) -> Alert | None:
    """The open alert of this key, locked; None when it has none, or it ended while we waited for the lock."""
    found = sa.select(Alert.id).where(Alert.integration_id == integration_id, Alert.dedup_key == key, OPEN)
    alert_id = db.session.scalar(found)
    alert = None if alert_id is None else queries.locked(alert_id)
    return alert if alert is not None and alert.is_open else None


def _severity(incoming: IncomingAlert, door: Integration | Door) -> Severity:
    return incoming.severity or door.default_severity or UNKNOWN_SEVERITY


def _says(incoming: IncomingAlert) -> dict[str, Any]:
    return {
        "description": incoming.description,
        "links": [{"href": link.href, "text": link.text} for link in incoming.links],
        "labels": dict(incoming.labels),
        "annotations": dict(incoming.annotations),
        "group_key": incoming.group_key,
        "source_service": incoming.service,
    }
