"""I have it: escalation stops, whoever was paged is told who has it. And taking that back."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from app.alerts import escalate, queries, run_policy, tell
from app.alerts.models import Alert, Answer
from app.alerts.whom import answered
from app.database import db
from app.domain.lifecycle import InvalidTransition, alert_after
from app.domain.policy import Policy
from app.domain.timeline import Kind, Subject
from app.domain.words import AlertStatus
from app.paging.cancel import cancel_waiting, cancel_waiting_for, mark_acknowledged
from app.people.models import User
from app.timeline.record import record


class Acknowledged(StrEnum):
    """What an acknowledgement found: it is the same tap, early, late or second; each says what is true."""

    ACKNOWLEDGED = "acknowledged"
    ALREADY_YOURS = "already_yours"
    ALREADY_OTHER = "already_other"
    OVER = "over"
    NEWER_RUN = "newer_run"
    COUNTED = "counted"  # several must, and others are still asked


def acknowledge(
    alert: Alert,
    *,
    by: User,
    at: datetime,
    run: int | None = None,
    pressed_at: datetime | None = None,
    device: int | None = None,
    enough: bool = False,
) -> Acknowledged:
    """Take the alert. Idempotent; `alert` is locked (queries.locked).

    `run` is the run the person saw, for an acknowledgement that was queued offline: it never takes a newer one
    (INV-10). `pressed_at` is when they pressed, if that was earlier; `device` is the one they pressed it on.
    Where several must acknowledge it is theirs with the last of them, or at once when this one is `enough`.
    """
    if not alert.is_open:
        return Acknowledged.OVER
    if run is not None and run != alert.run:
        return Acknowledged.NEWER_RUN
    if alert.status is AlertStatus.ACKNOWLEDGED:
        mine = alert.acknowledged_by_id == by.id
        return Acknowledged.ALREADY_YOURS if mine else Acknowledged.ALREADY_OTHER
    policy = Policy.from_json(run_policy.followed(alert))
    if policy.answers > 1 and not enough:
        before = answered(alert)
        if by.id in before:
            return Acknowledged.ALREADY_YOURS
        db.session.add(Answer(alert_id=alert.id, run=alert.run, user_id=by.id, at=at))
        if len(before) + 1 < policy.answers:
            return _count(alert, by, len(before) + 1, policy.answers, at=at)
    _take(alert, at=at)
    alert.acknowledged_by_id, alert.assigned_to_id = by.id, by.id
    alert.ask_again_at = None if policy.ask_again is None else at + policy.ask_again
    mark_acknowledged(Subject.ALERT, alert.id, run=alert.run, user_id=by.id)
    late = {} if pressed_at is None or pressed_at >= at else {"pressed_at": pressed_at.isoformat()}
    record(Kind.ACKNOWLEDGED, Subject.ALERT, alert.id, at=at, by=by, run=alert.run, **late)
    tell.who_has_it(alert, by, at=at, not_on=device)
    return Acknowledged.ACKNOWLEDGED


def join(alert: Alert, *, by: User, at: datetime) -> None:
    """Take an alert over from whoever has it."""
    if alert.status is not AlertStatus.ACKNOWLEDGED:
        raise InvalidTransition("Nobody has this alert, so there is nobody to take it from. Acknowledge it.")
    before = alert.acknowledged_by_id
    alert.acknowledged_by_id = alert.assigned_to_id = by.id
    if alert.ask_again_at is not None:
        again = Policy.from_json(run_policy.followed(alert)).ask_again
        alert.ask_again_at = None if again is None else at + again
    alert.updated_at = at
    record(Kind.ACKNOWLEDGED, Subject.ALERT, alert.id, at=at, by=by, run=alert.run, taken_from=before)


def acknowledge_by_source(alert: Alert, *, at: datetime) -> bool:
    """Somebody has it in the source's own product. False: it was acknowledged already."""
    if alert.status is not AlertStatus.TRIGGERED:
        return False
    _take(alert, at=at)
    record(Kind.ACKNOWLEDGED, Subject.ALERT, alert.id, at=at, run=alert.run)
    return True


def unacknowledge(alert: Alert, *, by: User, at: datetime) -> None:
    """Give it back: the alert is nobody's, and its policy begins again, at once."""
    alert.status = alert_after(alert.status, "unacknowledge")
    record(Kind.UNACKNOWLEDGED, Subject.ALERT, alert.id, at=at, by=by)
    escalate.restart(alert, at=at)


def ask_again_due(at: datetime, *, limit: int = 50) -> int:
    """Where the time of an acknowledgement is over and the alert still open, it is paged again: to whoever has
    it and to whoever is on call. Returns how many. Inside a transaction.
    """
    due = sa.select(Alert.id).where(Alert.ask_again_at <= at).order_by(Alert.ask_again_at).limit(limit)
    asked = 0
    for alert_id in db.session.scalars(due).all():
        alert = queries.locked(alert_id)
        if alert is None or alert.ask_again_at is None or alert.ask_again_at > at:
            continue
        holder = alert.acknowledged_by
        alert.status = alert_after(alert.status, "unacknowledge")
        record(Kind.ASKED_AGAIN, Subject.ALERT, alert.id, at=at, run=alert.run, user_id=holder and holder.id)
        escalate.restart(alert, at=at, also=holder if holder is not None and holder.is_active else None)
        asked += 1
    return asked


def _count(alert: Alert, by: User, answers: int, needed: int, *, at: datetime) -> Acknowledged:
    """One of several who must: this person is asked no more, the others are."""
    cancel_waiting_for(Subject.ALERT, alert.id, user_id=by.id)
    mark_acknowledged(Subject.ALERT, alert.id, run=alert.run, user_id=by.id)
    alert.updated_at = at
    record(Kind.ANSWERED, Subject.ALERT, alert.id, at=at, by=by, run=alert.run, answers=answers, needed=needed)
    return Acknowledged.COUNTED


def _take(alert: Alert, *, at: datetime) -> None:
    alert.status = alert_after(alert.status, "acknowledge")
    alert.acknowledged_at, alert.updated_at, alert.snoozed_until = at, at, None
    escalate.stop(alert)
    cancel_waiting(Subject.ALERT, alert.id)
