"""Send posts that are due: claim, look again, send, write down what became of it; as deliveries go."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import joinedload

from app import clock, lease
from app.database import db, transaction
from app.domain import retry, webhook_retry
from app.domain.words import ChannelKind, DeliveryState, PageKind
from app.paging.channels.channel import Message, To
from app.paging.channels.outcome import Accepted, Gone, Outcome, Refused, RetryAfter, TooLarge
from app.paging.channels.registry import Channels
from app.paging.destinations.change import details
from app.paging.destinations.models import Destination, Post
from app.people.profile import hidden_for_all

LEASE = timedelta(seconds=30)  # a program may take 15 s to answer
GONE = "nobody is there any more ({})"
KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Claim:
    post_id: int
    lease_token: str
    since: float  # in clock.ticks(): no later than the lease began


def has_due(*, at: datetime) -> bool:
    """Whether anything waits to be sent now. Cheap: asked every second."""
    return db.session.scalar(_due(at).limit(1)) is not None


def claim_due(limit: int) -> list[Claim]:
    """Take up to `limit` that are due. Inside a transaction."""
    since, at = clock.ticks(), clock.now()
    due = _due(at).order_by(Post.next_attempt_at, Post.id).limit(limit).with_for_update(skip_locked=True)
    claims = [Claim(number, secrets.token_hex(8), since) for number in db.session.scalars(due).all()]
    for claim in claims:
        db.session.execute(
            sa.update(Post)
            .where(Post.id == claim.post_id)
            .values(lease_until=at + LEASE, lease_token=claim.lease_token, attempts=Post.attempts + 1)
        )
    return claims


def send(claim: Claim, channels: Channels) -> None:
    """Send one claimed post and write down the outcome. Opens its transactions."""
    with transaction():
        at = clock.now()
        ready = _look_again(claim, at=at)
    if ready is None or lease.is_over(claim.since, LEASE):
        return
    outcome = channels.send(*ready, at)
    with transaction():
        mark(claim, outcome, at=clock.now())


def send_due(channels: Channels, *, limit: int = 20) -> int:
    """Claim and send what is due, one after the other. Returns how many were claimed."""
    with transaction():
        claims = claim_due(limit)
    for claim in claims:
        send(claim, channels)
    return len(claims)


def mark(claim: Claim, outcome: Outcome, *, at: datetime) -> None:
    """Write down what came of it, unless the lease has gone to somebody else meanwhile."""
    post = _held(claim)
    if post is None:
        return
    there = post.destination
    match outcome:
        case Accepted():
            _let_go(post)
            post.state, post.accepted_at, post.error = DeliveryState.ACCEPTED, at, None
            there.last_ok_at, there.failing_since, there.last_error = at, None, None
        case RetryAfter(seconds, reason):
            _again(post, reason, None if seconds is None else timedelta(seconds=seconds), at=at)
        case Gone(410) if there.kind is ChannelKind.SIGNED_WEBHOOK:
            _give_up(post, GONE.format(410), at=at)
            _disable(there, "it said it wants no more (410)", at=at)
        case Gone(status):
            _fault(post, GONE.format(status), at=at)
        case TooLarge():
            _fault(post, "the message was too large for it", at=at)
        case Refused(reason):
            _fault(post, reason, at=at)


def forget_old(*, at: datetime) -> int:
    """Posts that were over 90 days ago go. Returns how many."""
    old = sa.select(Post.id).where(Post.created_at < at - KEPT, Post.next_attempt_at.is_(None)).limit(500)
    return len(db.session.scalars(sa.delete(Post).where(Post.id.in_(old)).returning(Post.id)).all())


def _fault(post: Post, why: str, *, at: datetime) -> None:
    """A room that refuses will refuse again; a program is being mended perhaps, and is tried for days."""
    if post.destination.kind is ChannelKind.SIGNED_WEBHOOK:
        _again(post, why, None, at=at)
    else:
        _give_up(post, why, at=at)


def _again(post: Post, why: str, asked: timedelta | None, *, at: datetime) -> None:
    is_signed = post.destination.kind is ChannelKind.SIGNED_WEBHOOK
    spread = random()  # keeps retries from meeting # nosec B311
    if is_signed:
        when = webhook_retry.next_attempt(attempts=post.attempts, now=at, asked=asked, jitter=spread)
    else:
        when = retry.next_attempt(
            attempts=post.attempts, now=at, deadline=post.deadline_at, asked=asked, jitter=spread
        )
    if when is not None:
        _let_go(post)
        post.next_attempt_at, post.error = when, why
        _note(post.destination, why, at=at)
        return
    _give_up(post, why, at=at)
    if is_signed:
        _disable(post.destination, f"nothing was taken there for days: {why}", at=at)


def _give_up(post: Post, why: str, *, at: datetime) -> None:
    _let_go(post)
    post.state, post.error = DeliveryState.FAILED, why
    _note(post.destination, why, at=at)


def _note(there: Destination, why: str, *, at: datetime) -> None:
    there.last_error = why
    there.failing_since = there.failing_since or at


def _disable(there: Destination, why: str, *, at: datetime) -> None:
    """Nothing more goes there until somebody looks; whoever sees to it is told by `trouble`."""
    if there.disabled_at is None:
        there.disabled_at, there.disabled_because = at, why
    waiting = sa.update(Post).where(Post.destination_id == there.id, Post.next_attempt_at.is_not(None))
    db.session.execute(
        waiting.values(next_attempt_at=None, state=DeliveryState.FAILED, error="this destination is disabled")
    )


def _look_again(claim: Claim, *, at: datetime) -> tuple[Message, To] | None:
    """What to send, and where; a destination that has ended meanwhile gets nothing."""
    post = _held(claim)
    if post is None:
        return None
    there = post.destination
    address, more = details(there, at=at) if there.removed_at is None else (None, {})
    if address is None or post.next_attempt_at is None:
        _give_up(post, "this destination is no longer there", at=at)
        return None
    if post.deadline_at <= at:
        _give_up(post, "too late: its time was over", at=at)
        return None
    post.state, post.sent_at = DeliveryState.SENT, at
    return _message(post), To(there.kind, address, more)


def _message(post: Post) -> Message:
    return Message(
        kind=PageKind.NOTICE, page=str(post.id), delivery=str(post.id), subject_kind=post.subject_kind,
        subject_id=post.subject_id, title=post.title, body=post.body,
        base_url=current_app.config["settings"].base_url, expires_at=post.deadline_at, until=post.deadline_at,
        urgency=post.urgency, severity=post.severity, service=post.service_name, event=post.event,
        data=post.data, is_private=hidden_for_all(),
    )  # fmt: skip


def _due(at: datetime) -> sa.Select[int]:
    free = sa.or_(Post.lease_until.is_(None), Post.lease_until <= at)
    return sa.select(Post.id).where(Post.next_attempt_at <= at, free)


def _held(claim: Claim) -> Post | None:
    return db.session.scalars(
        sa.select(Post)
        .where(Post.id == claim.post_id, Post.lease_token == claim.lease_token)
        .options(joinedload(Post.destination))
        .with_for_update(of=Post)
    ).one_or_none()


def _let_go(post: Post) -> None:
    post.lease_until = post.lease_token = post.next_attempt_at = None
