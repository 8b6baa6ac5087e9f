"""I have it: escalation stops, whoever was paged is told who has it. And taking that back."""

from datetime import datetime
from enum import StrEnum

from app.alerts import escalate, tell
from app.alerts.models import Alert
from app.domain.lifecycle import InvalidTransition, alert_after
from app.domain.timeline import Kind, Subject
from app.domain.words import AlertStatus
from app.paging.cancel import cancel_waiting, mark_acknowledged
from app.people.models import User
from app.timeline.record import record


class Acknowledged(StrEnum):
    """What an acknowledgement found: it is the same tap, early, late or second; each says what is true."""

    ACKNOWLEDGED = "acknowledged"
    ALREADY_YOURS = "already_yours"
    ALREADY_OTHER = "already_other"
    OVER = "over"
    NEWER_RUN = "newer_run"


def acknowledge(
    alert: Alert,
    *,
    by: User,
    at: datetime,
    run: int | None = None,
    pressed_at: datetime | None = None,
    device: int | None = None,
) -> Acknowledged:
    """Take the alert. Idempotent; `alert` is locked (queries.locked).

    `run` is the run the person saw, for an acknowledgement that was queued offline: it never takes a newer one
    (INV-10). `pressed_at` is when they pressed, if that was earlier; `device` is the one they pressed it on.
    """
    if not alert.is_open:
        return Acknowledged.OVER
    if run is not None and run != alert.run:
        return Acknowledged.NEWER_RUN
    if alert.status is AlertStatus.ACKNOWLEDGED:
        mine = alert.acknowledged_by_id == by.id
        return Acknowledged.ALREADY_YOURS if mine else Acknowledged.ALREADY_OTHER
    _take(alert, at=at)
    alert.acknowledged_by_id, alert.assigned_to_id = by.id, by.id
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


def _take(alert: Alert, *, at: datetime) -> None:
    alert.status = alert_after(alert.status, "acknowledge")
    alert.acknowledged_at, alert.updated_at, alert.snoozed_until = at, at, None
    escalate.stop(alert)
    cancel_waiting(Subject.ALERT, alert.id)
