"""Not until then: the snoozer has it, and at the hour the alert comes back as if new."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from app.alerts import cover, escalate, queries, run_policy, tell
from app.alerts.acknowledge import Acknowledged, acknowledge, join
from app.alerts.models import Alert
from app.database import db
from app.domain.lifecycle import InvalidTransition, alert_after
from app.domain.timeline import Kind, Subject
from app.oncall.queries import people_for
from app.people.models import User
from app.timeline.record import record

LONGEST = timedelta(days=7)


def snooze(alert: Alert, *, until: datetime, by: User, at: datetime) -> None:
    """Acknowledge for `by` and come back at `until`, at most 7 days ahead."""
    if not at < until <= at + LONGEST:
        raise InvalidTransition("Snooze until a time that lies ahead, seven days at most.")
    alert_after(alert.status, "snooze")
    if acknowledge(alert, by=by, at=at, enough=True) is Acknowledged.ALREADY_OTHER:
        join(alert, by=by, at=at)
    alert.snoozed_until, alert.updated_at, alert.ask_again_at = (
        until,
        at,
        None,
    )  # it is asked after when it wakes
    record(Kind.SNOOZED, Subject.ALERT, alert.id, at=at, by=by, until=until.isoformat())


def wake(alert: Alert, *, at: datetime, by: User | None = None) -> None:
    """Back to triggered, with a new run; `by` is None when its hour has come."""
    if alert.snoozed_until is None:
        raise InvalidTransition("This alert is not snoozed.")
    alert.status = alert_after(alert.status, "wake")
    record(Kind.WOKEN, Subject.ALERT, alert.id, at=at, by=by)
    snoozer = alert.acknowledged_by
    taker = None if snoozer is None else _taker(alert, snoozer, at)
    escalate.restart(alert, at=at, first=_first(alert, taker, at))
    if snoozer is not None and taker is not None:
        tell.your_hours_are_covered(alert, snoozer, taker, at=at)


def _first(alert: Alert, taker: User | None, at: datetime) -> User | None:
    """The taker, unless the policy's own first step asks them anyway."""
    steps = run_policy.steps_of(alert)
    asked = people_for(steps[0]["targets"], at) if steps else []
    return None if taker is None or taker.id in {user.id for user, _ in asked} else taker


def _taker(alert: Alert, snoozer: User, at: datetime) -> User | None:
    """Who has the snoozer's hours when it wakes, and is paged first (R28)."""
    return cover.whoever_covers(snoozer.id, run_policy.steps_of(alert), at)


def wake_due(at: datetime, *, limit: int = 50) -> int:
    """Wake every alert whose hour has come; returns how many. Inside a transaction."""
    due = sa.select(Alert.id).where(Alert.snoozed_until <= at).order_by(Alert.snoozed_until).limit(limit)
    woken = 0
    for alert_id in db.session.scalars(due).all():
        alert = queries.locked(alert_id)
        if alert is not None and alert.snoozed_until is not None and alert.snoozed_until <= at:
            wake(alert, at=at)
            woken += 1
    return woken
