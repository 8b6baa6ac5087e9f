"""A key that comes and goes pages so many times, and then only for an alert that stays."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.alerts.models import Alert, Escalation
from app.database import db
from app.domain import flapping
from app.domain.timeline import Kind, Subject
from app.timeline.record import record


def holds(alert: Alert, escalation: Escalation, policy: dict[str, Any], *, at: datetime) -> bool:
    """Whether this new alert's first step waits, by the limit of `policy`: its timer is then set to when it
    is clear that the alert stays (INV-2: it keeps one).
    """
    limit = policy["flap_limit"]
    if alert.run > 1 or alert.integration_id is None or limit is None:
        return False
    until = flapping.held_until(alert.created_at, _paged_lately(alert, limit, at), limit, now=at)
    if until is None:
        return False
    escalation.next_due_at = until
    record(Kind.FLAPS, Subject.ALERT, alert.id, at=at, run=alert.run, times=limit, until=until.isoformat())
    return True


def _paged_lately(alert: Alert, limit: int, at: datetime) -> int:
    """For how many other alerts of this key somebody was asked, as far as the limit needs to know."""
    others = (
        sa.select(Alert.id)
        .join(Escalation, Escalation.alert_id == Alert.id)
        .where(Alert.integration_id == alert.integration_id, Alert.dedup_key == alert.dedup_key)
        .where(Alert.created_at > at - flapping.WITHIN, Alert.id != alert.id)
        .where(Escalation.last_step_at.is_not(None))
        .limit(limit)
    )
    return db.session.scalar(sa.select(sa.func.count()).select_from(others.subquery())) or 0
