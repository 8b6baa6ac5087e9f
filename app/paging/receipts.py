"""What a device says of a page: received, shown, clicked, closed, acknowledged. No login, only its token."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain.timeline import Kind, Subject
from app.domain.words import DeliveryState, PageKind, PageStatus
from app.paging.models import Delivery
from app.paging.page import TOKEN_LIFE, token_hash
from app.timeline.record import record


class Stage(StrEnum):
    """How far a page has come on a device, in the order it happens."""

    RECEIVED = "received"
    SHOWN = "shown"
    CLICKED = "clicked"
    CLOSED = "closed"
    ACKED = "acked"


class TokenExpired(Exception):
    """This page's token is over 24 hours old."""


@dataclass(frozen=True)
class _Mark:
    column: str
    state: DeliveryState


_MARKS = {stage: _Mark(f"{stage}_at", DeliveryState(stage)) for stage in Stage}
_ORDER = list(DeliveryState)


def find(token: str, *, at: datetime) -> Delivery | None:
    """The delivery that `token` belongs to, with its page; None for a token nobody gave out.

    Raises TokenExpired after 24 hours.
    """
    delivery = db.session.scalars(
        sa.select(Delivery)
        .where(Delivery.token_hash == token_hash(token))
        .options(joinedload(Delivery.page), joinedload(Delivery.subscription))
    ).one_or_none()
    if delivery is not None and at > delivery.created_at + TOKEN_LIFE:
        raise TokenExpired
    return delivery


def note_stage(delivery: Delivery, stage: Stage, *, at: datetime) -> None:
    """Write down a stage once; reports may come late, twice, or in any order."""
    mark = _MARKS[stage]
    db.session.refresh(delivery, with_for_update={"of": Delivery})
    if getattr(delivery, mark.column) is None:
        setattr(delivery, mark.column, at)
    if _ORDER.index(mark.state) > _ORDER.index(delivery.state) or delivery.state is DeliveryState.FAILED:
        delivery.state = mark.state
    page = delivery.page
    if page.status in (PageStatus.QUEUED, PageStatus.SENT, PageStatus.FAILED, PageStatus.EXPIRED):
        page.status = PageStatus.DELIVERED  # the device has it, whatever the push service told us
    if page.kind in (PageKind.TEST, PageKind.DRILL) and stage in (Stage.CLICKED, Stage.ACKED):
        _prove(delivery, at=at)


def _prove(delivery: Delivery, *, at: datetime) -> None:
    """A tapped test page, or drill, is the proof that this device rings (decision 11)."""
    device, page = delivery.subscription, delivery.page
    page.status = PageStatus.ACKNOWLEDGED
    if device is None:
        return
    steps = {"accepted": delivery.accepted_at, "shown": delivery.shown_at, "tapped": at}
    device.verified_at = at
    device.proof = {
        name: round((moment - page.created_at).total_seconds(), 1) for name, moment in steps.items() if moment
    }
    record(Kind.DEVICE_PROVEN, Subject.USER, page.user_id, at=at, device_id=device.id, **device.proof)
