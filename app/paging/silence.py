"""Devices that a push service took a page for, and that never said they showed it (D1)."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from app.database import db
from app.domain.receipt import is_silent
from app.domain.words import DeliveryState, PageKind
from app.paging.models import Delivery, Page, PushSubscription
from app.people import queries

LOOKS_BACK = timedelta(hours=1)  # older silence changes nothing any more
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
    return len(silent)
