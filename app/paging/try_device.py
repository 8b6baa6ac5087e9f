"""Send one device a test page, through everything a real page goes through (decision 11)."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain.device_test import Test
from app.domain.timeline import Subject
from app.domain.words import PageKind, Urgency
from app.paging.models import Delivery, Page, PushSubscription
from app.paging.page import Message, Place, page_user

SAYS = Message("Test page, all is well", "Tap to prove this phone. Nothing is broken.", Urgency.HIGH)
LASTS = timedelta(minutes=5)
SAME_TAP = timedelta(seconds=3)
MOST, WITHIN = 10, timedelta(minutes=10)


class TooManyTests(Exception):
    """This person has asked for so many test pages that one more would be noise; says when the next may be."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(
            f"{MOST} test pages in 10 minutes are enough. The next one in {int(wait.total_seconds()) + 1} s."
        )
        self.wait = wait


def ask(device: PushSubscription, *, at: datetime) -> Page:
    """Queue a test page for this device alone. A second tap within 3 s is the first one's.

    Raises TooManyTests (SEC-38). The device must not be removed.
    """
    latest = _asked_of(device.user_id, since=at - WITHIN)
    if latest and at - latest[0].created_at < SAME_TAP:
        same = [page for page in latest if page.deliveries and page.deliveries[0].subscription_id == device.id]
        if same and at - same[0].created_at < SAME_TAP:
            return same[0]
    if len(latest) >= MOST:
        raise TooManyTests(latest[MOST - 1].created_at + WITHIN - at)
    page = page_user(
        device.user, SAYS, Place(Subject.USER, device.user_id), kind=PageKind.TEST, only_on=device.id,
        reason=["You asked for a test page"], until=at + LASTS, at=at,
    )  # fmt: skip
    assert page is not None  # its key holds the moment, so nobody had it before
    db.session.flush()
    return page


def latest_test(device: PushSubscription) -> Test | None:
    """The newest test of a device, as far as it has come; None when there was never one."""
    delivery = db.session.scalar(
        sa.select(Delivery)
        .join(Page)
        .where(Delivery.subscription_id == device.id, Page.kind == PageKind.TEST)
        .order_by(Delivery.id.desc())
        .limit(1)
        .options(joinedload(Delivery.page))
    )
    if delivery is None:
        return None
    taps = [moment for moment in (delivery.clicked_at, delivery.acked_at) if moment is not None]
    return Test(
        asked_at=delivery.page.created_at,
        sent_at=delivery.sent_at,
        accepted_at=delivery.accepted_at,
        shown_at=delivery.shown_at,
        tapped_at=min(taps, default=None),
        error=delivery.error,
    )


def _asked_of(user_id: int, *, since: datetime) -> list[Page]:
    """The person's test pages since then, newest first."""
    return list(
        db.session.scalars(
            sa.select(Page)
            .where(Page.user_id == user_id, Page.kind == PageKind.TEST, Page.created_at > since)
            .order_by(Page.id.desc())
            .limit(MOST)
        )
    )
