"""Questions about alerts and services."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.alerts.models import Alert, Escalation
from app.database import db


def locked(alert_id: int) -> Alert | None:
    """The alert, for changing: its escalation row is locked first, then itself, by everybody in that order.

    So an acknowledgement and a step of the escalation come one after the other, never both at once (INV-9).
    Take the time of the change after this, or it may lie before what was waited for.
    """
    db.session.scalars(sa.select(Escalation.id).where(Escalation.alert_id == alert_id).with_for_update()).all()
    return db.session.scalars(
        sa.select(Alert)
        .where(Alert.id == alert_id)
        .options(joinedload(Alert.escalation), joinedload(Alert.service))
        .with_for_update(of=Alert)
        .execution_options(populate_existing=True)
    ).one_or_none()


def escalation_of(alert: Alert) -> Escalation:
    """The alert's one timer row; every alert has one."""
    assert alert.escalation is not None
    return alert.escalation
