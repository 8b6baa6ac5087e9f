"""Questions about alerts and services."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.alerts.models import Alert, Escalation, Service
from app.database import db
from app.domain.words import AlertStatus


def locked(alert_id: int) -> Alert | None:
    """The alert, for changing: its escalation row is locked first, then itself, by everybody in that order.

    So an acknowledgement and a step of the escalation come one after the other, never both at once (INV-9).
    Take the time of the change after this, or it may lie before what was waited for.
    """
    return next(iter(locked_all([alert_id])), None)


def locked_all(alert_ids: Sequence[int]) -> list[Alert]:
    """Those of these alerts that there are, in the order of `alert_ids`, locked as `locked` does."""
    db.session.scalars(_TIMERS, {"alert_ids": alert_ids}).all()
    return with_timers_locked(alert_ids)


def with_timers_locked(alert_ids: Sequence[int]) -> list[Alert]:
    """The same of alerts whose escalations this transaction has locked already."""
    found = {alert.id: alert for alert in db.session.scalars(_ALERTS, {"alert_ids": alert_ids})}
    return [found[alert_id] for alert_id in alert_ids if alert_id in found]


_THESE: sa.BindParameter[int] = sa.bindparam("alert_ids", expanding=True)
_TIMERS = (
    sa.select(Escalation.id)
    .where(Escalation.alert_id.in_(_THESE))
    .order_by(Escalation.alert_id)
    .with_for_update()
)  # built once: asked for every page and every answer
_ALERTS = (
    sa.select(Alert)
    .where(Alert.id.in_(_THESE))
    .order_by(Alert.id)
    .options(joinedload(Alert.escalation), joinedload(Alert.service))
    .with_for_update(of=Alert)
    .execution_options(populate_existing=True)
)


def escalation_of(alert: Alert) -> Escalation:
    """The alert's one timer row; every alert has one."""
    assert alert.escalation is not None
    return alert.escalation


def shown(alert_id: int) -> Alert | None:
    """The alert with what its screen shows beside it."""
    return db.session.scalars(
        sa.select(Alert)
        .where(Alert.id == alert_id)
        .options(
            joinedload(Alert.escalation), joinedload(Alert.service).joinedload(Service.escalation_policy),
            joinedload(Alert.acknowledged_by), joinedload(Alert.team), joinedload(Alert.integration),
        )
    ).one_or_none()  # fmt: skip


def held_by(user_id: int) -> Sequence[Alert]:
    """What a person has acknowledged or snoozed and not yet resolved, the worst first."""
    return db.session.scalars(
        sa.select(Alert)
        .where(Alert.status == AlertStatus.ACKNOWLEDGED, Alert.acknowledged_by_id == user_id)
        .order_by(Alert.snoozed_until.is_not(None), Alert.created_at.desc())
        .options(joinedload(Alert.service))
    ).all()


def earlier_like(alert: Alert, *, among: sa.ColumnElement[bool], limit: int = 3) -> Sequence[Alert]:
    """Alerts of the same key that came before, the newest first, `among` those the viewer may see."""
    return db.session.scalars(
        sa.select(Alert)
        .where(
            Alert.integration_id == alert.integration_id, Alert.dedup_key == alert.dedup_key,
            Alert.service_id == alert.service_id, Alert.id < alert.id, among,
        )
        .order_by(Alert.id.desc())
        .limit(limit)
        .options(joinedload(Alert.service), joinedload(Alert.acknowledged_by))
    ).all()  # fmt: skip
