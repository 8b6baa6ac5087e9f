"""Heartbeats: whoever falls silent longer than they may, or says that they failed, raises an alert; the next
beat ends it (feature 8). Another Nightbell is watched this way (INV-27).
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from app.alerts.integrations import Door
from app.alerts.models import Integration, Service
from app.alerts.receive import receive
from app.alerts.sources.kinds import Kind
from app.database import db
from app.domain.alert import IncomingAlert, Said
from app.domain.heartbeat import USUAL, Beat, spoken
from app.domain.words import Severity

KEY = "heartbeat"  # of its one alert


def hear(door: Door, beat: Beat, *, word: str, at: datetime) -> None:
    """Take in what it says. Inside a transaction."""
    if beat is Beat.BEGUN:
        return
    row = db.session.get_one(Integration, door.id, with_for_update=True, populate_existing=True)
    row.last_beat_at, row.beat_due_at = at, at + _silence(row)
    if beat is Beat.ALIVE:
        receive(IncomingAlert(KEY, "", Said.RESOLVED), row, at=at)
        return
    says = f" with exit code {word}" if word.isdecimal() else ""
    receive(
        IncomingAlert(
            KEY, f"{row.name} says that it failed{says}", severity=row.default_severity or Severity.CRITICAL,
            started_at=at,
        ), row, at=at,
    )  # fmt: skip


def raise_overdue(at: datetime, *, limit: int = 50) -> int:
    """An alert for each that has been silent too long; answers for how many. Inside a transaction.

    One that never spoke is not waited for, and one whose alert was raised is waited for again after it spoke.
    """
    due = (
        sa.select(Integration.id)
        .join(Service, Service.id == Integration.service_id)
        .where(Integration.beat_due_at <= at, Integration.is_active, Service.is_active)
        .order_by(Integration.beat_due_at)
        .limit(limit)
    )
    raised = 0
    for number in db.session.scalars(due).all():
        # it may speak in this very moment: whoever changes the row first is right
        taken = sa.update(Integration).where(Integration.id == number, Integration.beat_due_at <= at)
        if db.session.scalar(taken.values(beat_due_at=None).returning(Integration.id)) is None:
            continue
        row = db.session.get_one(Integration, number, populate_existing=True)
        receive(
            IncomingAlert(
                KEY, f"{row.name} is silent", severity=row.default_severity or Severity.CRITICAL,
                started_at=row.last_beat_at,
                description=f"Nothing was heard from it for {spoken(_silence(row))}. The next beat ends this.",
            ), row, at=at,
        )  # fmt: skip
        raised += 1
    return raised


def wait_anew(at: datetime) -> None:
    """A backup is back in place: everybody has their whole time from now on."""
    for row in db.session.scalars(sa.select(Integration).where(Integration.beat_due_at.is_not(None))):
        row.beat_due_at = at + _silence(row)


def wait_as_it_says(integration: Integration) -> None:
    """Its silence is another one from now on; a raised alert stays raised until the next beat."""
    if integration.beat_due_at is not None and integration.last_beat_at is not None:
        integration.beat_due_at = integration.last_beat_at + _silence(integration)


def minutes_of(integration: Integration) -> int | None:
    """How many minutes it may be silent; None for what is no heartbeat."""
    return _silence(integration) // timedelta(minutes=1) if integration.kind == Kind.HEARTBEAT else None


def _silence(row: Integration) -> timedelta:
    minutes = row.silent_after_minutes
    return USUAL if minutes is None else timedelta(minutes=minutes)
