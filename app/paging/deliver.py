"""Send what is due: claim a delivery, look whether it is still wanted, send it, write down what became of it.

Anybody may call this any number of times: a lease with a token keeps two workers apart, and a worker that comes
back after its lease ran out finds its word refused (F-15). A crash after sending means a second sending of the
same page, never silence (INV-6).
"""

import secrets
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import joinedload

from app import clock, lease
from app.database import db, transaction
from app.domain.retry import next_attempt
from app.domain.timeline import Kind, Subject
from app.domain.words import ChannelKind, DeliveryState, PageKind, PageStatus, Urgency
from app.paging import bundle
from app.paging.channels.channel import Message, To
from app.paging.channels.outcome import Accepted, Gone, Outcome, Refused, RetryAfter, TooLarge
from app.paging.channels.registry import Channels
from app.paging.methods import ACCOUNT
from app.paging.models import Delivery, Page, PushSubscription
from app.paging.page import TOKEN_LIFE, token_for
from app.paging.subscriptions import NO_LONGER_LISTENS
from app.people import queries
from app.people.profile import hides_lock_screen_text
from app.timeline.record import record

LEASE = timedelta(seconds=10)  # the send's own deadline lies below it
WANTED = (PageStatus.QUEUED, PageStatus.SENT, PageStatus.DELIVERED)


@dataclass(frozen=True)
class Claim:
    """The right to send one delivery, until the lease runs out."""

    delivery_id: int
    lease_token: str
    host: str
    since: float  # in clock.ticks(): no later than the lease began


def all_due(at: datetime) -> sa.Select[int]:
    """The deliveries that are due, in somebody's hand or not."""
    return sa.select(Delivery.id).where(Delivery.next_attempt_at <= at)


def claim_due(
    limit: int,
    *,
    busy_hosts: Collection[str] = (),
    per_host: int | None = None,
    grace: timedelta = timedelta(),
    of_page: int | None = None,
) -> list[Claim]:
    """Take up to `limit` due deliveries, urgent first, at most `per_host` for one host, none for the busy ones.

    Of one person's for one service a single one is taken: the others go along with it, and hold up nobody else.

    A push host is one; any other channel counts as one host. `grace` leaves what has just fallen due to whoever
    was woken for it; `of_page` takes those of one page alone. Inside a transaction.
    """
    since, at = clock.ticks(), clock.now()
    due = (
        sa.select(
            Delivery.id,
            Delivery.channel,
            PushSubscription.endpoint,
            Page.user_id,
            Delivery.address_key,
            _TOGETHER,
        )
        .join(Page)
        .outerjoin(PushSubscription)
        .where(
            Delivery.next_attempt_at <= at - grace,
            sa.or_(Delivery.lease_until.is_(None), Delivery.lease_until <= at),
        )
        .order_by(_LATER, Delivery.next_attempt_at, Delivery.id)
        .limit(limit * 4)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    if of_page is not None:
        due = due.where(Delivery.page_id == of_page)
    claims: list[Claim] = []
    taken: Counter[str] = Counter()
    places = set()
    for delivery_id, channel, endpoint, *place in db.session.execute(due):
        host = channel if endpoint is None else urlsplit(endpoint).netloc
        if len(claims) == limit:
            break
        if host in busy_hosts or (per_host is not None and taken[host] == per_host):
            continue
        if place[-1] is not None and tuple(place) in places and bundle.bundles(channel):
            continue
        places.add(tuple(place))
        taken[host] += 1
        claims.append(Claim(delivery_id, secrets.token_hex(8), host, since))
    if claims:
        leases = [{"delivery": claim.delivery_id, "token": claim.lease_token} for claim in claims]
        db.session.connection().execute(_LEASED, [lease | {"until": at + LEASE} for lease in leases])
    return claims


_LEASED = (
    sa.update(Delivery)
    .where(Delivery.id == sa.bindparam("delivery"))
    .values(
        lease_until=sa.bindparam("until"), lease_token=sa.bindparam("token"), attempts=Delivery.attempts + 1
    )
)


_TOGETHER = sa.case(
    (Page.kind != PageKind.PAGE, None), (Page.urgency == Urgency.LOW, "low"), else_=Page.service_name
)  # see bundle._same_place
_LATER = sa.case(
    (sa.and_(Page.kind == PageKind.PAGE, Page.urgency == Urgency.HIGH), 0), else_=1
)  # what wakes somebody goes before what informs them


def deliver(claim: Claim, channels: Channels) -> None:
    """Send one claimed delivery and write down the outcome."""
    with transaction():
        at = clock.now()
        ready = _look_again(claim, at=at)
    if ready is None or lease.is_over(claim.since, LEASE):
        return
    if ready.is_made_up:  # the demo is looked at, never heard: nothing of it leaves the machine
        outcome: Outcome = Accepted(201)
    else:
        outcome = channels.send(ready.message, ready.to, at)
    with transaction():
        mark(claim, outcome, at=clock.now())


def deliver_due(channels: Channels, *, limit: int = 100) -> int:
    """Claim and send what is due, one after the other. Returns how many were claimed."""
    with transaction():
        claims = claim_due(limit)
    for claim in claims:
        deliver(claim, channels)
    return len(claims)


@dataclass(frozen=True)
class _Ready:
    """All a channel needs, so that no transaction is open while it waits for the network."""

    message: Message
    to: To
    is_made_up: bool


def _look_again(claim: Claim, *, at: datetime) -> _Ready | None:
    """The state just before sending (INV-8): a page that somebody has answered is not sent any more."""
    delivery = _held(claim)
    if delivery is None:
        return None
    page = delivery.page
    if page.status not in WANTED or delivery.next_attempt_at is None:
        _let_go(delivery)
        return None
    to = _address(delivery)
    if to is None:
        _give_up(delivery, _NOT_THERE[delivery.channel is ChannelKind.PUSH], at=at)
        return None
    if page.deadline_at <= at:
        _give_up(delivery, "too late: the page's time was over", at=at, status=PageStatus.EXPIRED)
        return None
    bundle.take_turn(page.user_id)
    if bundle.waits_until(delivery, at=at) is not None:
        return None
    here = queries.organisation()  # held on to: what a message says asks for it again
    pages = bundle.gather(delivery, at=at)
    delivery.state, delivery.sent_at = DeliveryState.SENT, at
    message = bundle.in_words(_message(page, delivery), pages)
    return _Ready(message, to, is_made_up=here is not None and here.is_demo)


_NOT_THERE = {True: "this device is no longer registered", False: "this address is no longer theirs"}


def _address(delivery: Delivery) -> To | None:
    """Where it goes; None when the person has taken the device or the address away meanwhile."""
    device, contact = delivery.subscription, delivery.contact
    if device is not None:
        keys = {"p256dh": device.p256dh, "auth": device.auth}
        keys |= {"vapid_key": device.vapid_key} if device.vapid_key is not None else {}
        return To(delivery.channel, device.endpoint, keys) if device.removed_at is None else None
    if contact is not None:
        return To(delivery.channel, contact.address) if contact.verified_at is not None else None
    return To(ChannelKind.EMAIL, delivery.page.user.email) if delivery.address_key == ACCOUNT else None


def _message(page: Page, delivery: Delivery) -> Message:
    return Message(
        kind=page.kind, page=str(page.id), delivery=str(delivery.id), subject_kind=page.subject_kind,
        subject_id=page.subject_id, title=page.title, body=page.body,
        token=token_for(page.page_key, delivery.address_key),
        base_url=current_app.config["settings"].base_url, expires_at=delivery.created_at + TOKEN_LIFE,
        until=page.deadline_at, urgency=page.urgency, severity=page.severity, service=page.service_name,
        started_at=page.started_at, badge=page.badge, is_private=hides_lock_screen_text(page.user),
        has_other_ways=delivery.subscription_id is not None
        or any(each.subscription_id for each in page.deliveries),
    )  # fmt: skip


def mark(claim: Claim, outcome: Outcome, *, at: datetime) -> None:
    """Write down what came of it, unless the lease has gone to somebody else meanwhile."""
    delivery = _held(claim)
    if delivery is None:
        return
    page = delivery.page
    match outcome:
        case Accepted():
            _let_go(delivery)
            delivery.accepted_at = at
            if (
                delivery.state is DeliveryState.SENT
            ):  # a device may have been quicker to report than we to write
                delivery.state = DeliveryState.ACCEPTED
            if page.status is PageStatus.QUEUED:
                page.status = PageStatus.SENT
            bundle.arrived(delivery)
        case Gone():
            if delivery.subscription is not None and delivery.subscription.removed_at is None:
                delivery.subscription.removed_at = at
                delivery.subscription.removed_because = NO_LONGER_LISTENS
                record(
                    Kind.DEVICE_REMOVED,
                    Subject.USER,
                    page.user_id,
                    at=at,
                    device_id=delivery.subscription_id,
                    because="gone",
                )
            _give_up(delivery, NO_LONGER_LISTENS, at=at)
        case RetryAfter(seconds, reason):
            asked = None if seconds is None else timedelta(seconds=seconds)
            again = next_attempt(
                attempts=delivery.attempts,
                now=at,
                deadline=page.deadline_at,
                asked=asked,
                jitter=random(),  # spreads retries # nosec B311
            )
            if again is None:
                _give_up(delivery, reason, at=at)
            else:
                _let_go(delivery)
                delivery.next_attempt_at, delivery.error = again, reason
                bundle.parted(delivery, at=again)
                _is_not_waited_for(delivery, again, at=at)
        case TooLarge():
            _give_up(delivery, "the message was too large for the push service", at=at)
        case Refused(reason):
            _give_up(delivery, reason, at=at)


def _is_not_waited_for(delivery: Delivery, again: datetime, *, at: datetime) -> None:
    """It is tried on, but when the next try comes later than a device has to show a page, whoever is next is
    asked meanwhile (D1), as if it stayed silent.
    """
    within = timedelta(seconds=current_app.config["settings"].shown_within)
    if delivery.page.kind is PageKind.PAGE and again > delivery.created_at + within:
        delivery.silent_since = delivery.silent_since or at


def did_not_arrive(delivery: Delivery, why: str, *, at: datetime) -> None:
    """What was accepted has not reached the person after all, as the other side says later.

    Said of a delivery that somebody has seen or answered, or that has failed already, it changes nothing.
    """
    db.session.refresh(delivery, with_for_update={"of": Delivery})
    if delivery.state in (DeliveryState.SENT, DeliveryState.ACCEPTED, DeliveryState.RECEIVED):
        _give_up(delivery, why, at=at)


def _held(claim: Claim) -> Delivery | None:
    """The delivery, locked, while this claim's lease is the one in force."""
    held = {"id": claim.delivery_id, "token": claim.lease_token}
    return db.session.scalars(_HELD, held).one_or_none()


_HELD = (
    sa.select(Delivery)
    .where(Delivery.id == sa.bindparam("id"), Delivery.lease_token == sa.bindparam("token"))
    .options(
        joinedload(Delivery.page).joinedload(Page.user), joinedload(Delivery.subscription),
        joinedload(Delivery.contact),
    )
    .with_for_update(of=Delivery)
)  # fmt: skip


def _let_go(delivery: Delivery) -> None:
    delivery.lease_until = delivery.lease_token = delivery.next_attempt_at = None


def _give_up(delivery: Delivery, why: str, *, at: datetime, status: PageStatus = PageStatus.FAILED) -> None:
    """This device will not show it. The page has failed when no other device can."""
    _let_go(delivery)
    bundle.parted(delivery, at=at)
    delivery.state, delivery.error = DeliveryState.FAILED, why
    page = delivery.page
    if page.kind is PageKind.PAGE:
        record(
            Kind.DELIVERY_FAILED, Subject(page.subject_kind), page.subject_id, at=at,
            user_id=page.user_id, device_id=delivery.subscription_id, because=why,
        )  # fmt: skip
    db.session.flush()
    others = sa.select(Delivery.id).where(Delivery.page_id == page.id, Delivery.state != DeliveryState.FAILED)
    if page.status in WANTED and db.session.scalar(others.limit(1)) is None:
        page.status = status
