"""What a schedule is asked for: the services whose alerts it pages, and what of them is open."""

from collections.abc import Sequence

import sqlalchemy as sa

from app.alerts.models import Alert, Service
from app.database import db
from app.domain.words import AlertStatus
from app.oncall.models import EscalationPolicy


def services_of(schedule_id: int) -> set[int]:
    """Ids of the services with a policy that names the schedule in any step."""
    policies = {
        policy.id
        for policy in db.session.scalars(sa.select(EscalationPolicy))
        if any(
            target.get("kind") == "schedule" and str(target.get("id")) == str(schedule_id)
            for step in policy.steps
            for target in step["targets"]
        )
    }
    if not policies:
        return set()
    return set(db.session.scalars(sa.select(Service.id).where(Service.escalation_policy_id.in_(policies))))


def open_on(schedule_id: int, *, among: sa.ColumnElement[bool] | None = None) -> Sequence[Alert]:
    """Alerts of these services that are not over, newest first."""
    rows = sa.select(Alert).where(
        Alert.service_id.in_(services_of(schedule_id)), Alert.status != AlertStatus.RESOLVED
    )
    if among is not None:
        rows = rows.where(among)
    return db.session.scalars(rows.order_by(Alert.id.desc())).all()


def open_alerts_on(schedule_id: int) -> int:
    """How many there are."""
    return len(open_on(schedule_id))
