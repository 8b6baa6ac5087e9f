"""Stop what is still on its way, because somebody has it or it is over."""

from collections.abc import Iterable

import sqlalchemy as sa

from app.database import db
from app.domain.timeline import Subject
from app.domain.words import PageKind, PageStatus
from app.paging.models import Delivery, Page

_ASKS = (PageKind.PAGE, PageKind.SHADOW)  # whoever looks on may answer too, and is told who did


def cancel_waiting(subject_kind: Subject, subject_id: int) -> None:
    """No page of this subject starts being sent from here on; notices about it that wait are dropped too."""
    waiting = sa.select(Page.id).where(
        Page.subject_kind == subject_kind, Page.subject_id == subject_id, Page.status == PageStatus.QUEUED
    )
    _end_deliveries(waiting)
    db.session.execute(
        sa.update(Page)
        .where(
            Page.subject_kind == subject_kind, Page.subject_id == subject_id, Page.status == PageStatus.QUEUED
        )
        .values(status=PageStatus.CANCELLED)
    )
    partly_sent = sa.select(Page.id).where(
        Page.subject_kind == subject_kind, Page.subject_id == subject_id, Page.kind.in_(_ASKS)
    )
    _end_deliveries(partly_sent)


def cancel_waiting_for(subject_kind: Subject, subject_id: int, *, user_id: int) -> None:
    """No page of this subject to this person starts being sent from here on; the others' go on."""
    _end_deliveries(
        sa.select(Page.id).where(
            Page.subject_kind == subject_kind, Page.subject_id == subject_id, Page.user_id == user_id,
            Page.kind == PageKind.PAGE,
        )
    )  # fmt: skip


def mark_acknowledged(subject_kind: Subject, subject_id: int, *, run: int, user_id: int) -> None:
    """The pages of this run that asked this person have their answer."""
    db.session.execute(
        sa.update(Page)
        .where(
            Page.subject_kind == subject_kind, Page.subject_id == subject_id, Page.run == run,
            Page.user_id == user_id, Page.kind.in_(_ASKS),
            Page.status.in_((PageStatus.QUEUED, PageStatus.SENT, PageStatus.DELIVERED)),
        )
        .values(status=PageStatus.ACKNOWLEDGED)
    )  # fmt: skip


def asked(subject_kind: Subject, subject_id: int, *, run: int) -> Iterable[int]:
    """The people whom this run has paged and whose device may show it: those to be told how it went on."""
    reached = sa.select(Page.user_id).where(
        Page.subject_kind == subject_kind, Page.subject_id == subject_id, Page.run == run,
        Page.kind.in_(_ASKS),
        Page.status.not_in((PageStatus.CANCELLED, PageStatus.FAILED)),
    )  # fmt: skip
    return list(db.session.scalars(reached.distinct().order_by(Page.user_id)))


def _end_deliveries(pages: sa.Select[int]) -> None:
    db.session.execute(
        sa.update(Delivery)
        .where(Delivery.page_id.in_(pages), Delivery.next_attempt_at.is_not(None))
        .values(next_attempt_at=None)
    )
