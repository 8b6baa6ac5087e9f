"""Devices that took a page and never showed it (D1), and the next method of whoever has such devices only."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import aliased

from app.database import db
from app.domain.receipt import BEST_EFFORT_HOSTS, is_silent, promises_receipts, sooner
from app.domain.words import DeliveryState, PageKind
from app.paging import bundle
from app.paging.models import Delivery, Page, PushSubscription
from app.people import queries

LOOKS_BACK = timedelta(hours=1)  # older silence changes nothing any more
SEEN = (DeliveryState.SHOWN, DeliveryState.CLICKED, DeliveryState.CLOSED, DeliveryState.ACKED)
_UNHEARD = (DeliveryState.ACCEPTED, DeliveryState.RECEIVED)
IS_UNHEARD = sa.and_(
    Delivery.state.in_([sa.literal_column(f"'{state}'") for state in _UNHEARD]), Delivery.silent_since.is_(None)
)  # in the words of the index of what is unheard


def note_silent(at: datetime, *, limit: int = 200) -> int:
    """Write down which devices have stayed silent for too long. Inside a transaction; returns how many.

    In a made-up organisation nothing leaves the machine, so there is nothing to hear.
    """
    within = timedelta(seconds=current_app.config["settings"].shown_within)
    asked = {"heard_by": at - within, "since": at - within - LOOKS_BACK, "limit": limit}
    rows = db.session.execute(_never_shown(), asked).all()
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
    hurried = db.session.scalars(_next_methods(), {"at": at, "limit": limit}).all()
    for delivery in hurried:
        delivery.next_attempt_at = at
    return len(hurried)


def bring_forward(at: datetime, *, limit: int = 50) -> int:
    """Where only phones that promise no receipt may have shown a page, and said nothing in the time for it, the
    person's other ways wait half as long, once (D1). Nobody else is asked any sooner: it may well have rung.

    Inside a transaction; returns how many were brought forward.
    """
    within = timedelta(seconds=current_app.config["settings"].shown_within)
    rows = db.session.scalars(_other_ways(), {"at": at, "heard_by": at - within, "limit": limit}).all()
    if not rows or queries.is_made_up():
        return 0
    moved = 0
    for row in rows:
        if not any(_may_still_show(each, at - within) for each in row.page.deliveries):
            assert row.next_attempt_at is not None
            row.sooner_at = at
            row.next_attempt_at = sooner(row.next_attempt_at, asked_at=row.page.created_at, now=at)
            moved += 1
    return moved


def _may_still_show(row: Delivery, accepted_by: datetime) -> bool:
    """Whether a word of it is still to come; of a phone that said none in that time, none is."""
    if row.state is DeliveryState.FAILED or row.silent_since is not None:
        return False
    if row.state not in _UNHEARD or row.accepted_at is None or row.accepted_at > accepted_by:
        return row.attempts > 0
    return row.subscription is None or promises_receipts(row.subscription.endpoint)


def _waits(row: Any) -> sa.ColumnElement[bool]:
    """Whether this delivery waits, `at`, for its first turn."""
    return sa.and_(
        row.next_attempt_at > sa.bindparam("at"), row.attempts == 0, row.state == DeliveryState.QUEUED
    )


# Asked each second, so put together once: to do it each time was most of what an idle engine did.


@cache
def _never_shown() -> sa.Select[Delivery, str]:
    return (
        sa.select(Delivery, PushSubscription.endpoint)
        .join(Page, Page.id == Delivery.page_id)
        .join(PushSubscription, PushSubscription.id == Delivery.subscription_id)
        .where(IS_UNHEARD, Page.kind == PageKind.PAGE)
        .where(Delivery.accepted_at <= sa.bindparam("heard_by"), Delivery.accepted_at > sa.bindparam("since"))
        .order_by(Delivery.accepted_at.desc(), Delivery.id)
        .limit(sa.bindparam("limit", type_=sa.Integer))
        .with_for_update(skip_locked=True, of=Delivery)
    )


@cache
def _next_methods() -> sa.Select[Delivery]:
    other, waiting = aliased(Delivery), aliased(Delivery)
    tried_in_vain = sa.or_(other.state == DeliveryState.FAILED, other.silent_since.is_not(None))
    may_still_show = sa.and_(
        other.page_id == Delivery.page_id, ~_waits(other), sa.or_(~tried_in_vain, other.state.in_(SEEN))
    )
    has_earlier = sa.and_(
        waiting.page_id == Delivery.page_id, _waits(waiting),
        sa.tuple_(waiting.next_attempt_at, waiting.id) < sa.tuple_(Delivery.next_attempt_at, Delivery.id),
    )  # fmt: skip
    was_tried = sa.and_(other.page_id == Delivery.page_id, tried_in_vain)
    return (
        sa.select(Delivery)
        .join(Page)
        .where(
            _waits(Delivery), Page.kind == PageKind.PAGE,
            sa.exists().where(was_tried), ~sa.exists().where(may_still_show), ~sa.exists().where(has_earlier),
        )
        .limit(sa.bindparam("limit", type_=sa.Integer))
        .with_for_update(skip_locked=True, of=Delivery)
    )  # fmt: skip


@cache
def _other_ways() -> sa.Select[Delivery]:
    phone, device, other = aliased(Delivery), aliased(PushSubscription), aliased(Delivery)
    was_seen = sa.exists().where(other.page_id == Delivery.page_id, other.state.in_(SEEN))
    said_nothing = (
        sa.exists()
        .where(phone.page_id == Delivery.page_id, phone.subscription_id == device.id)
        .where(phone.state.in_(_UNHEARD), phone.accepted_at <= sa.bindparam("heard_by"))
        .where(sa.or_(*(device.endpoint.contains(host, autoescape=True) for host in BEST_EFFORT_HOSTS)))
    )
    return (
        sa.select(Delivery)
        .join(Page)
        .where(_waits(Delivery), Delivery.sooner_at.is_(None), Page.kind == PageKind.PAGE)
        .where(said_nothing, ~was_seen)
        .limit(sa.bindparam("limit", type_=sa.Integer))
        .with_for_update(skip_locked=True, of=Delivery)
    )
