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

from app import clock
from app.database import db, transaction
from app.domain.retry import next_attempt
from app.domain.timeline import Kind, Subject
from app.domain.words import DeliveryState, PageKind, PageStatus
from app.paging import by_mail, payload, webpush
from app.paging.models import Delivery, PushSubscription
from app.paging.page import token_for
from app.people import queries
from app.people.profile import hides_lock_screen_text
from app.smtp import Letter
from app.timeline.record import record

LEASE = timedelta(seconds=10)  # the send's own deadline lies below it
SHORTEST_TTL = 300  # seconds a push service keeps it for a phone that is off
WANTED = (PageStatus.QUEUED, PageStatus.SENT, PageStatus.DELIVERED)


@dataclass(frozen=True)
class Claim:
    """The right to send one delivery, until the lease runs out."""

    delivery_id: int
    lease_token: str
    host: str


def claim_due(
    limit: int, *, at: datetime, busy_hosts: Collection[str] = (), per_host: int | None = None
) -> list[Claim]:
    """Take up to `limit` due deliveries, at most `per_host` for one push host and none for the busy ones.

    Inside a transaction.
    """
    due = (
        sa.select(Delivery.id, PushSubscription.endpoint)
        .outerjoin(PushSubscription)
        .where(
            Delivery.next_attempt_at <= at, sa.or_(Delivery.lease_until.is_(None), Delivery.lease_until <= at)
        )
        .order_by(Delivery.next_attempt_at, Delivery.id)
        .limit(limit * 4)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    claims: list[Claim] = []
    taken: Counter[str] = Counter()
    for delivery_id, endpoint in db.session.execute(due):
        host = by_mail.HOST if endpoint is None else urlsplit(endpoint).netloc
        if len(claims) == limit:
            break
        if host in busy_hosts or (per_host is not None and taken[host] == per_host):
            continue
        taken[host] += 1
        token = secrets.token_hex(8)
        db.session.execute(
            sa.update(Delivery)
            .where(Delivery.id == delivery_id)
            .values(lease_until=at + LEASE, lease_token=token, attempts=Delivery.attempts + 1)
        )
        claims.append(Claim(delivery_id, token, host))
    return claims


def deliver(claim: Claim, line: webpush.WebPush) -> None:
    """Send one claimed delivery and write down the outcome."""
    with transaction():
        ready = _look_again(claim, at=clock.now())
    if ready is None:
        return
    if isinstance(ready, Letter):
        outcome = by_mail.send(ready)
    elif ready.is_made_up:  # the demo is looked at, never heard: nothing of it leaves the machine
        outcome = webpush.Accepted(201)
    else:
        outcome = line.send(
            ready.endpoint,
            ready.p256dh,
            ready.auth,
            ready.body,
            ttl=ready.ttl,
            urgency=ready.urgency,
            topic=ready.topic,
            vapid_key=ready.vapid_key,
        )
    with transaction():
        mark(claim, outcome, at=clock.now())


def deliver_due(line: webpush.WebPush, *, limit: int = 100) -> int:
    """Claim and send what is due, one after the other. Returns how many were claimed."""
    with transaction():
        claims = claim_due(limit, at=clock.now())
    for claim in claims:
        deliver(claim, line)
    return len(claims)


@dataclass(frozen=True)
class _Ready:
    """All a sender needs, so that no transaction is open while it waits for the network."""

    endpoint: str
    p256dh: str
    auth: str
    body: bytes
    ttl: int
    urgency: str
    topic: str
    vapid_key: str | None
    is_made_up: bool


def _look_again(claim: Claim, *, at: datetime) -> _Ready | Letter | None:
    """The state just before sending (INV-8): a page that somebody has answered is not sent any more."""
    delivery = _held(claim)
    if delivery is None:
        return None
    page, device = delivery.page, delivery.subscription
    if page.status not in WANTED or delivery.next_attempt_at is None:
        _let_go(delivery)
        return None
    by_letter = delivery.channel == by_mail.CHANNEL
    if not by_letter and (device is None or device.removed_at is not None):
        _give_up(delivery, "this device is no longer registered", at=at)
        return None
    if page.deadline_at <= at:
        _give_up(delivery, "too late: the page's time was over", at=at, status=PageStatus.EXPIRED)
        return None
    delivery.state, delivery.sent_at = DeliveryState.SENT, at
    token = token_for(page.page_key, delivery.subscription_id)
    base_url: str = current_app.config["settings"].base_url
    private = hides_lock_screen_text(page.user)
    if device is None:
        return by_mail.letter(page, delivery, token, base_url, private=private)
    push = payload.build(page, delivery, token, base_url, private=private)
    return _Ready(
        device.endpoint,
        device.p256dh,
        device.auth,
        push.body,
        ttl=max(SHORTEST_TTL, int((page.deadline_at - at).total_seconds())),
        urgency=push.urgency,
        topic=push.topic,
        vapid_key=device.vapid_key,
        is_made_up=queries.is_made_up(),
    )


def mark(claim: Claim, outcome: webpush.Outcome, *, at: datetime) -> None:
    """Write down what the push service answered, unless the lease has gone to somebody else meanwhile."""
    delivery = _held(claim)
    if delivery is None:
        return
    page = delivery.page
    match outcome:
        case webpush.Accepted():
            _let_go(delivery)
            delivery.accepted_at = at
            if (
                delivery.state is DeliveryState.SENT
            ):  # a device may have been quicker to report than we to write
                delivery.state = DeliveryState.ACCEPTED
            if page.status is PageStatus.QUEUED:
                page.status = PageStatus.SENT
        case webpush.Gone():
            if delivery.subscription is not None and delivery.subscription.removed_at is None:
                delivery.subscription.removed_at = at
                delivery.subscription.removed_because = "the push service says this browser no longer listens"
                record(
                    Kind.DEVICE_REMOVED,
                    Subject.USER,
                    page.user_id,
                    at=at,
                    device_id=delivery.subscription_id,
                    because="gone",
                )
            _give_up(delivery, "the push service says this browser no longer listens", at=at)
        case webpush.RetryAfter(seconds, reason):
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
        case webpush.TooLarge():
            _give_up(delivery, "the message was too large for the push service", at=at)
        case webpush.Refused(reason):
            _give_up(delivery, reason, at=at)


def _held(claim: Claim) -> Delivery | None:
    """The delivery, locked, while this claim's lease is the one in force."""
    return db.session.scalars(
        sa.select(Delivery)
        .where(Delivery.id == claim.delivery_id, Delivery.lease_token == claim.lease_token)
        .options(joinedload(Delivery.page), joinedload(Delivery.subscription))
        .with_for_update(of=Delivery)
    ).one_or_none()


def _let_go(delivery: Delivery) -> None:
    delivery.lease_until = delivery.lease_token = delivery.next_attempt_at = None


def _give_up(delivery: Delivery, why: str, *, at: datetime, status: PageStatus = PageStatus.FAILED) -> None:
    """This device will not show it. The page has failed when no other device can."""
    _let_go(delivery)
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
