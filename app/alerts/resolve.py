"""Over: by its source, by a person, or by seven days of silence. And not over after all."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.alerts import escalate, queries, tell
from app.alerts.models import OPEN, Alert
from app.database import db
from app.domain.lifecycle import InvalidTransition, alert_after
from app.domain.timeline import Kind, Subject
from app.domain.words import ResolvedBy
from app.paging.cancel import cancel_waiting
from app.people.models import User
from app.timeline.record import record

SILENCE = timedelta(days=7)


def resolve(alert: Alert, *, by: User, at: datetime, reason: str = "") -> None:
    """A person says it is over, and why. `alert` is locked (queries.locked)."""
    _end(alert, ResolvedBy.HUMAN, at=at, by=by, reason=reason or None)
    tell.it_is_over(alert, at=at, by=by)


def resolve_by_source(alert: Alert, *, at: datetime, ended_at: datetime | None = None) -> None:
    """Its source says it is over."""
    ended: dict[str, Any] = {} if ended_at is None else {"ended_at": ended_at.isoformat()}
    _end(alert, ResolvedBy.SOURCE, at=at, **ended)
    tell.it_is_over(alert, at=at)


def time_out_silent(at: datetime, *, limit: int = 50) -> int:
    """Resolve what nobody has said a word about for seven days; returns how many. Inside a transaction."""
    silent = (
        sa.select(Alert.id)
        .where(OPEN, Alert.updated_at <= at - SILENCE)
        .order_by(Alert.updated_at)
        .limit(limit)
    )
    ended = 0
    for alert_id in db.session.scalars(silent).all():
        alert = queries.locked(alert_id)
        if (
            alert is not None
            and alert.is_open
            and alert.updated_at <= at - SILENCE
            and alert.snoozed_until is None
        ):
            _end(alert, ResolvedBy.TIMEOUT, at=at)
            ended += 1
    return ended


def reopen(alert: Alert, *, by: User, at: datetime) -> None:
    """Not over: triggered again, with a new run. Refused while a newer alert holds its key."""
    alert_after(alert.status, "reopen")
    newer = db.session.scalar(
        sa.select(Alert.id).where(
            Alert.integration_id == alert.integration_id,
            Alert.dedup_key == alert.dedup_key,
            OPEN,
            Alert.id != alert.id,
        )
    )
    if alert.integration_id is not None and newer is not None:
        raise InvalidTransition(f"The same trouble is open as alert {newer}; work there.")
    alert.status = alert_after(alert.status, "reopen")
    alert.resolved_at = alert.resolved_by = alert.resolution = None
    alert.reopen_count += 1
    record(Kind.REOPENED, Subject.ALERT, alert.id, at=at, by=by)
    escalate.restart(alert, at=at)


def _end(
    alert: Alert,
    how: ResolvedBy,
    *,
    at: datetime,
    by: User | None = None,
    reason: str | None = None,
    **facts: Any,
) -> None:
    alert.status = alert_after(alert.status, "resolve")
    alert.resolved_at, alert.resolved_by, alert.resolution = at, how, reason
    alert.updated_at, alert.snoozed_until, alert.ask_again_at = at, None, None
    escalate.stop(alert)
    cancel_waiting(Subject.ALERT, alert.id)
    record(Kind.RESOLVED, Subject.ALERT, alert.id, at=at, by=by, how=str(how), reason=reason, **facts)
