"""A backup is back in place: what was due in it long ago pages nobody by itself (INV-26)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.alerts import heartbeats, snooze
from app.alerts.models import Alert, Escalation
from app.database import db
from app.domain.timeline import Kind, Subject
from app.domain.words import EscalationState, PageKind, Urgency
from app.paging.cancel import cancel_waiting
from app.paging.page import Message, Place, page_user
from app.people import queries
from app.timeline.record import record

OVERDUE = timedelta(minutes=15)
TOLD_WITHIN = timedelta(hours=24)
RESTORED = 3  # which notice of a run this is: `tell` has those before it


def hold_overdue(*, at: datetime) -> int:
    """Hold each alert whose timer, or whose snooze, ran out over 15 minutes ago; answers how many.

    Administrators get one message about all of them. Inside a transaction, before an engine sees the rows.
    """
    heartbeats.wait_anew(at)
    asleep = sa.select(Alert).where(Alert.snoozed_until < at - OVERDUE).order_by(Alert.id)
    for alert in db.session.scalars(asleep).all():
        snooze.wake(alert, at=at)
        cancel_waiting(Subject.ALERT, alert.id)
        _hold(alert.id, at=at)
    overdue = sa.select(Escalation.alert_id).where(Escalation.next_due_at < at - OVERDUE)
    for alert_id in db.session.scalars(overdue.order_by(Escalation.alert_id)).all():
        cancel_waiting(Subject.ALERT, alert_id)
        _hold(alert_id, at=at)
    db.session.flush()
    held = db.session.scalars(
        sa.select(Escalation).where(Escalation.state == EscalationState.HELD).order_by(Escalation.alert_id)
    ).all()
    if held:
        _tell(held, at=at)
    return len(held)


def _hold(alert_id: int, *, at: datetime) -> None:
    escalation = db.session.scalars(sa.select(Escalation).where(Escalation.alert_id == alert_id)).one()
    escalation.state, escalation.next_due_at = EscalationState.HELD, None
    record(Kind.HELD, Subject.ALERT, alert_id, at=at)


def _tell(held: Sequence[Escalation], *, at: datetime) -> None:
    """One message about all of them, which opens the first."""
    many = "1 alert needs" if len(held) == 1 else f"{len(held)} alerts need"
    place = Place(Subject.ALERT, held[0].alert_id, held[0].run, reminder=RESTORED)
    says = Message(
        f"Restored from a backup: {many} review",
        "They were due before the backup was put back, so nobody is paged for them until somebody looks.",
        Urgency.HIGH,
    )
    for administrator in queries.administrators():
        page_user(
            administrator, says, place, kind=PageKind.NOTICE, reason=["You are an administrator"],
            until=at + TOLD_WITHIN, at=at,
        )  # fmt: skip
