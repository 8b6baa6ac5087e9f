"""Devices that took a page and never showed it (D1), and the next method of whoever has such devices only."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import aliased

from app.database import db
from app.domain.receipt import is_silent
from app.domain.words import DeliveryState, PageKind
from app.paging import bundle
from app.paging.models import Delivery, Page, PushSubscription
from app.people import queries

LOOKS_BACK = timedelta(hours=1)  # older silence changes nothing any more
SEEN = (DeliveryState.SHOWN, DeliveryState.CLICKED, DeliveryState.CLOSED, DeliveryState.ACKED)
_UNHEARD = (DeliveryState.ACCEPTED, DeliveryState.RECEIVED)


def note_silent(at: datetime, *, limit: int = 200) -> int:
    """Write down which devices have stayed silent for too long. Inside a transaction; returns how many.

    In a made-up organisation nothing leaves the machine, so there is nothing to hear.
    """
    within = timedelta(seconds=current_app.config["settings"].shown_within)
    waiting = (
        sa.select(Delivery, PushSubscription.endpoint)
        .join(Page, Page.id == Delivery.page_id)
        .join(PushSubscription, PushSubscription.id == Delivery.subscription_id)
        .where(
            Delivery.state.in_(_UNHEARD), Delivery.silent_since.is_(None), Page.kind == PageKind.PAGE,
            Delivery.accepted_at <= at - within, Delivery.accepted_at > at - within - LOOKS_BACK,
        )
        .order_by(Delivery.accepted_at.desc(), Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Delivery)
    )  # fmt: skip
    rows = db.session.execute(waiting).all()
    if not rows or queries.is_made_up():
        return 0
    silent = [
        delivery
        for delivery, endpoint in rows
        if delivery.accepted_at is not None and is_silent(delivery.accepted_at, endpoint, now=at, within=within)
    ]
    for delivery in silent:
        delivery.silent_since = at
    bundle.stayed_silent([delivery.id for delivery in silent], at=at)
    return len(silent)


def hurry_next_methods(at: datetime, *, limit: int = 50) -> int:
    """Where all that was tried of a page has failed or stays silent, their next method goes at once (D1).

    Inside a transaction; returns how many were hurried. A method that waits for its turn has never been tried.
    """
    other, waiting = aliased(Delivery), aliased(Delivery)
    tried_in_vain = sa.or_(other.state == DeliveryState.FAILED, other.silent_since.is_not(None))
    may_still_show = sa.and_(
        other.page_id == Delivery.page_id, ~_waits(other, at), sa.or_(~tried_in_vain, other.state.in_(SEEN))
    )
    has_earlier = sa.and_(
        waiting.page_id == Delivery.page_id, _waits(waiting, at),
        sa.tuple_(waiting.next_attempt_at, waiting.id) < sa.tuple_(Delivery.next_attempt_at, Delivery.id),
    )  # fmt: skip
    was_tried = sa.and_(other.page_id == Delivery.page_id, tried_in_vain)
    rows = (
        sa.select(Delivery)
        .join(Page)
        .where(
            _waits(Delivery, at), Page.kind == PageKind.PAGE,
            sa.exists().where(was_tried), ~sa.exists().where(may_still_show), ~sa.exists().where(has_earlier),
        )
        .limit(limit)
        .with_for_update(skip_locked=True, of=Delivery)
    )  # fmt: skip
    hurried = db.session.scalars(rows).all()
    for delivery in hurried:
        delivery.next_attempt_at = at
    return len(hurried)


def _waits(row: Any, at: datetime) -> sa.ColumnElement[bool]:
    """Whether this delivery waits for its first turn."""
    return sa.and_(row.next_attempt_at > at, row.attempts == 0, row.state == DeliveryState.QUEUED)
