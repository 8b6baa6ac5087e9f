"""A key that comes and goes pages so many times, and then only for an alert that stays."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.alerts.models import Alert, Escalation
from app.alerts.queries import escalation_of
from app.database import db, foretell, once
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
    times = once(_question(alert), lambda: _paged_lately([alert.id], at)[alert.id])
    until = flapping.held_until(alert.created_at, times, limit, now=at)
    if until is None:
        return False
    escalation.next_due_at = until
    record(Kind.FLAPS, Subject.ALERT, alert.id, at=at, run=alert.run, times=limit, until=until.isoformat())
    return True


def look_ahead(alerts: Iterable[Alert], *, at: datetime) -> None:
    """Inside `asked_once`: ask once for all of these that begin, of which each is to be looked at."""
    new = {alert.id: alert for alert in alerts if escalation_of(alert).policy is None}
    if new:
        times = _paged_lately(list(new), at)
        foretell({_question(alert): times[alert_id] for alert_id, alert in new.items()})


def _question(alert: Alert) -> tuple[str, int]:
    return ("paged lately", alert.id)


def _paged_lately(alert_ids: Sequence[int], at: datetime) -> Counter[int]:
    """For how many other alerts of each one's key somebody was asked."""
    found = db.session.execute(_PAGED_LATELY, {"alert_ids": alert_ids, "since": at - flapping.WITHIN})
    return Counter({alert_id: times for alert_id, times in found})  # noqa: C416 - rows are no tuples to mypy


_OTHER = aliased(Alert)
_SAME_KEY = sa.and_(
    _OTHER.integration_id == Alert.integration_id, _OTHER.dedup_key == Alert.dedup_key, _OTHER.id != Alert.id
)
_PAGED_LATELY = (
    sa.select(Alert.id, sa.func.count())
    .join(_OTHER, sa.and_(_SAME_KEY, _OTHER.created_at > sa.bindparam("since")))
    .join(Escalation, Escalation.alert_id == _OTHER.id)
    .where(Alert.id.in_(sa.bindparam("alert_ids", expanding=True)), Escalation.last_step_at.is_not(None))
    .group_by(Alert.id)
)  # built once: asked for every page
