"""Ask for one message to one destination. It waits as a row; the engine sends it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app import wakeup
from app.database import db
from app.domain.words import ChannelKind, DeliveryState, Urgency
from app.paging.destinations.models import Destination, Post
from app.paging.page import Message
from app.people import queries

LASTS = timedelta(hours=1)  # what a room has not heard by then is old news
LASTS_SIGNED = timedelta(days=5)


def post_to(
    destination: Destination,
    says: Message,
    *,
    key: str,
    event: str,
    subject_kind: str,
    subject_id: int,
    at: datetime,
    data: Mapping[str, Any] | None = None,
) -> Post | None:
    """Queue it, or None when the same was queued before, or nothing goes there (any more).

    `key` is what makes two of them the same, for this destination. Inside a transaction. In a made-up
    organisation nothing leaves the machine.
    """
    if destination.removed_at is not None or destination.disabled_at is not None or queries.is_made_up():
        return None
    whole = f"{destination.id}:{key}"
    if db.session.scalar(sa.select(Post.id).where(Post.post_key == whole)) is not None:
        return None
    lasts = LASTS_SIGNED if destination.kind is ChannelKind.SIGNED_WEBHOOK else LASTS
    row = Post(
        destination=destination, post_key=whole, event=event, subject_kind=subject_kind, subject_id=subject_id,
        title=says.title, body=says.body, severity=says.severity, urgency=says.urgency,
        service_name=says.service_name, data=dict(data or {}), state=DeliveryState.QUEUED, next_attempt_at=at,
        created_at=at, deadline_at=at + lasts,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    wakeup.engine()
    return row


def post_test(destination: Destination, *, at: datetime) -> Post | None:
    """A message that says all is well, to see it arrive."""
    says = Message("Test from Nightbell, all is well", "Nothing is broken.", Urgency.LOW, severity="info")
    return post_to(
        destination, says, key=f"test:{at.timestamp()}", event="test", subject_kind="destination",
        subject_id=destination.id, at=at,
    )  # fmt: skip
