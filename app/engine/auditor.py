"""The auditor: looks with questions of its own whether what was promised is so, and mends what is safe to mend.

It shares no code with the jobs that keep the promises. Each question is answered by an index, asks for a few
rows only, and has a time limit of its own. An alert HELD after a restore, or DONE, has no timer by intention.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.alerts import queries
from app.alerts.models import Alert, Escalation
from app.database import db, on_sqlite, transaction
from app.domain.timeline import Subject
from app.domain.words import AlertStatus, DeliveryState, EscalationState, PageKind, PageStatus
from app.paging import health
from app.paging.models import Delivery, Page

log = logging.getLogger(__name__)

LATE = timedelta(seconds=30)  # a step of an escalation (INV-3)
LATE_DELIVERY = timedelta(seconds=60)
LOOKS_BACK = timedelta(hours=1)
MOST = 20  # rows named in one finding


@dataclass(frozen=True)
class Finding:
    """A promise that is not kept. `ids` are of alerts, pages or deliveries, as `says` tells, 20 at most."""

    promise: str
    says: str
    ids: tuple[int, ...]
    mended: bool = False


def audit(*, at: datetime) -> list[Finding]:
    """Ask all questions, mend what can be, write the outcome down. Each in a transaction of its own."""
    found = [finding for check in CHECKS if (finding := _asked(check, at=at)) is not None]
    for finding in found:
        log.error(
            "%s is not kept: %s: %s%s", finding.promise, finding.says, list(finding.ids),
            ", mended" if finding.mended else "",
        )  # fmt: skip
    with transaction():
        health.note_audit([asdict(finding) for finding in found], at=at)
    return found


def _asked(check: "Check", *, at: datetime) -> Finding | None:
    with transaction() as session:
        if not on_sqlite():
            session.execute(sa.text("SET LOCAL statement_timeout = '5s'"))
        return check(at)


def without_timer(at: datetime) -> Finding | None:
    """INV-2: an alert that nobody has and whose policy is not done, and no moment at which somebody is asked.

    Mended by asking at once: a page too many beats silence.
    """
    ids = _ids(
        sa.select(Alert.id)
        .outerjoin(Escalation, Escalation.alert_id == Alert.id)
        .where(
            Alert.status == AlertStatus.TRIGGERED,
            sa.or_(Escalation.id.is_(None), Escalation.state == EscalationState.STOPPED),
        )
        .order_by(Alert.id)
    )
    for alert_id in ids:
        _give_timer(alert_id, at=at)
    return _finding("INV-2", "alerts that nobody has, without a timer", ids, mended=True)


def _give_timer(alert_id: int, *, at: datetime) -> None:
    alert = queries.locked(alert_id)
    if alert is None or alert.status is not AlertStatus.TRIGGERED:
        return
    if alert.escalation is None:
        db.session.add(
            Escalation(
                alert_id=alert.id,
                run=alert.run,
                round=0,
                step=0,
                reminder=0,
                started_at=at,
                state=EscalationState.RUNNING,
                next_due_at=at,
            )
        )
    elif alert.escalation.state is EscalationState.STOPPED:
        alert.escalation.state, alert.escalation.next_due_at = EscalationState.RUNNING, at


def overdue(at: datetime) -> Finding | None:
    """INV-3: steps that are due and that no engine takes."""
    late = sa.select(Escalation.alert_id).where(Escalation.next_due_at < at - LATE)
    return _finding("INV-3", "alerts whose step is late", _ids(late.order_by(Escalation.next_due_at)))


def forgotten_pages(at: datetime) -> Finding | None:
    """INV-5: pages that wait to be sent, and that nobody will ever send. Mended by sending them."""
    pending = sa.exists().where(Delivery.page_id == Page.id, Delivery.next_attempt_at.is_not(None))
    ids = _ids(
        sa.select(Page.id)
        .where(
            Page.status == PageStatus.QUEUED, Page.created_at > at - LOOKS_BACK, Page.created_at < at - LATE,
            ~pending,
        )
        .order_by(Page.id)
    )  # fmt: skip
    if ids:
        db.session.execute(
            sa.update(Delivery)
            .where(Delivery.page_id.in_(ids), Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.SENT)))
            .values(next_attempt_at=at, lease_until=None, lease_token=None)
        )
    return _finding("INV-5", "pages that nobody would send", ids, mended=True)


def late_deliveries(at: datetime) -> Finding | None:
    """INV-5: deliveries that are due and that nobody has in hand. Claiming them is every engine's round."""
    late = sa.select(Delivery.id).where(
        Delivery.next_attempt_at < at - LATE_DELIVERY,
        sa.or_(Delivery.lease_until.is_(None), Delivery.lease_until < at - LATE),
    )
    return _finding("INV-5", "deliveries that are late", _ids(late.order_by(Delivery.next_attempt_at)))


def paged_twice(at: datetime) -> Finding | None:
    """INV-4: one step asked the same person twice. What was sent cannot be mended."""
    place = (Page.subject_kind, Page.subject_id, Page.run, Page.round, Page.step, Page.reminder, Page.user_id)
    twice = (
        sa.select(sa.func.max(Page.id))
        .where(Page.kind == PageKind.PAGE, Page.created_at > at - LOOKS_BACK)
        .group_by(*place)
        .having(sa.func.count() > 1)
    )
    return _finding("INV-4", "pages that one step made twice", _ids(twice))


def paged_after_acknowledgement(at: datetime) -> Finding | None:
    """INV-9: a step was taken for an alert that somebody already had."""
    after = (
        sa.select(Page.id)
        .join(Alert, sa.and_(Page.subject_kind == Subject.ALERT, Alert.id == Page.subject_id))
        .join(Escalation, Escalation.alert_id == Alert.id)
        .where(
            Page.kind == PageKind.PAGE, Page.created_at > at - LOOKS_BACK, Page.run == Alert.run,
            Page.created_at > Alert.acknowledged_at, Escalation.state == EscalationState.STOPPED,
        )
        .order_by(Page.id)
    )  # fmt: skip
    return _finding("INV-9", "pages made after the acknowledgement", _ids(after))


Check = Callable[[datetime], Finding | None]
CHECKS: tuple[Check, ...] = (
    without_timer, overdue, forgotten_pages, late_deliveries, paged_twice, paged_after_acknowledgement,
)  # fmt: skip


def _ids(statement: sa.Select[Any]) -> tuple[int, ...]:
    return tuple(db.session.scalars(statement.limit(MOST)))


def _finding(promise: str, says: str, ids: tuple[int, ...], *, mended: bool = False) -> Finding | None:
    return Finding(promise, says, ids, mended) if ids else None
