"""Storms: what comes too often for one destination waits a little, and goes in one message (features 36, 37).

A page is never dropped (INV-23), and the first of a service goes at once. What went along keeps a due time of
its own until the message has arrived, so that whatever happens to that one, each is sent all the same (INV-6).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from app.database import db
from app.domain.throttle import LIMITS, LONGEST, Limit, bundle_title, goes_at
from app.domain.timeline import Subject
from app.domain.words import ChannelKind, DeliveryState, PageKind, PageStatus, Severity, Urgency
from app.paging.channels.channel import Message
from app.paging.models import Delivery, Page
from app.paging.rules import held_until
from app.people.models import User

STILL_WANTED = (PageStatus.QUEUED, PageStatus.SENT, PageStatus.DELIVERED)
ALONE_AFTER = timedelta(seconds=30)  # when one that went along is sent by itself, should the message not arrive
_DAY = timedelta(days=1)
_NEW_AFTER = timedelta(minutes=15)  # a service that was quiet for so long is new again
_IS_SAID = sa.or_(Delivery.bundle_id.is_(None), Delivery.state == DeliveryState.BUNDLED)
_WAITS = (DeliveryState.QUEUED, DeliveryState.THROTTLED, DeliveryState.BUNDLED)


def take_turn(user_id: int) -> None:
    """Two senders with pages for one person decide one after the other."""
    db.session.scalar(sa.select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def bundles(channel: ChannelKind) -> bool:
    """Whether messages on this channel are held back and put together."""
    return bool(_limits(channel))


def waits_until(delivery: Delivery, *, at: datetime) -> datetime | None:
    """When this delivery may go, if not now: all that is due for the same destination then waits with it.

    One that was sent before is sent again as it was.
    """
    page, limits = delivery.page, _limits(delivery.channel)
    if page.kind is not PageKind.PAGE or not limits or delivery.sent_at is not None:
        return None
    when = goes_at(_sent(delivery, at), limits, deadline=page.deadline_at, now=at)
    if when <= at or _is_first_of_service(delivery, at):
        return None
    db.session.execute(
        sa.update(Delivery)
        .where(Delivery.id.in_(_companions(delivery, at)))
        .values(state=DeliveryState.THROTTLED, next_attempt_at=when)
    )
    delivery.state, delivery.next_attempt_at, delivery.attempts = DeliveryState.THROTTLED, when, 0
    delivery.lease_until = delivery.lease_token = None
    return when


def gather(delivery: Delivery, *, at: datetime) -> Sequence[Page]:
    """Take along all that waits for the same destination; the pages of one message, the oldest first."""
    delivery.bundle_id = None
    if delivery.page.kind is not PageKind.PAGE or not _limits(delivery.channel):
        return [delivery.page]
    along = db.session.scalars(_companions(delivery, at)).all()
    if along:
        db.session.execute(
            sa.update(Delivery)
            .where(Delivery.id.in_(along))
            .values(
                state=DeliveryState.BUNDLED, bundle_id=delivery.id, next_attempt_at=at + ALONE_AFTER,
                lease_until=None, lease_token=None,
            )
        )  # fmt: skip
    return _pages(delivery)


def in_words(message: Message, pages: Sequence[Page]) -> Message:
    """One message for all of these pages; as it was where they are about one alert.

    What quiet hours held is told together, and how much of it was over before they were (54).
    """
    alerts = {page.subject_id for page in pages}
    over = _over_meanwhile([page for page in pages if _was_held(page)])
    if len(alerts) + over < 2:
        return message
    said = {page.severity for page in pages}
    severity = next((str(each) for each in Severity if each in said), None)
    title = bundle_title([page.service_name or "" for page in pages], len(alerts))
    first = pages[0].title.rsplit(" · ", 1)[0]
    body = f"First: {first}. One tap takes all {len(alerts)}." if len(alerts) > 1 else f"{first}."
    if _was_held(pages[0]):
        body = f"Held in your quiet hours. {body}"
    if over:
        body += f" {over} more {'was' if over == 1 else 'were'} taken or over before."
    badges = [page.badge for page in pages if page.badge is not None]
    return replace(
        message, title=f"{title} · {severity.title()}" if severity else title, severity=severity,
        body=body, badge=max(badges, default=None),
    )  # fmt: skip


def _was_held(page: Page) -> bool:
    """Whether the quiet hours of its person held it back."""
    return page.kind is PageKind.PAGE and held_until(page.user, page.urgency, page.created_at) is not None


def _over_meanwhile(held: Sequence[Page]) -> int:
    """How many more alerts the same quiet hours held that were taken or over before these could be told."""
    if not held:
        return 0
    person, urgency = held[0].user, held[0].urgency
    end = held_until(person, urgency, held[0].created_at)
    if end is None:
        return 0
    ended = sa.select(Page).where(
        Page.user_id == person.id, Page.kind == PageKind.PAGE, Page.urgency == urgency,
        Page.status == PageStatus.CANCELLED, Page.created_at > end - _DAY, Page.created_at < end,
    )  # fmt: skip
    gone = {
        page.subject_id
        for page in db.session.scalars(ended)
        if held_until(person, urgency, page.created_at) == end
    }
    return len(gone - {page.subject_id for page in held})


def arrived(delivery: Delivery) -> None:
    """The message was taken: those that went along are not sent by themselves."""
    along = _went_along(delivery)
    if along:
        db.session.execute(
            sa.update(Page)
            .where(Page.id.in_(along), Page.status == PageStatus.QUEUED)
            .values(status=PageStatus.SENT)
        )
        db.session.execute(sa.update(Delivery).where(_went_with(delivery)).values(next_attempt_at=None))


def parted(delivery: Delivery, *, at: datetime) -> None:
    """The message did not arrive: each that went along is due by itself at `at`."""
    if _went_along(delivery):
        db.session.execute(
            sa.update(Delivery)
            .where(_went_with(delivery))
            .values(state=DeliveryState.QUEUED, next_attempt_at=at, bundle_id=None)
        )


def stayed_silent(delivery_ids: Sequence[int], *, at: datetime) -> None:
    """The device did not show these messages, nor then what went along (D1)."""
    db.session.execute(
        sa.update(Delivery)
        .where(Delivery.bundle_id.in_(delivery_ids), Delivery.silent_since.is_(None))
        .values(silent_since=at)
    )


def answered_by(delivery: Delivery) -> Sequence[Page]:
    """The pages that one answer to this message answers: its own, and those that went along to that person."""
    return _pages(delivery)


def together_with(alert_id: int, *, run: int, user_id: int) -> Sequence[Page]:
    """The pages that came to this person in one message with a page of this run of the alert, and that page."""
    about = sa.select(sa.func.coalesce(Delivery.bundle_id, Delivery.id)).join(Page).where(
        Page.subject_kind == Subject.ALERT, Page.subject_id == alert_id, Page.run == run,
        Page.user_id == user_id, Page.kind == PageKind.PAGE, _IS_SAID,
    )  # fmt: skip
    messages = db.session.scalars(about).all()
    said_in = sa.or_(Delivery.id.in_(messages), Delivery.bundle_id.in_(messages))
    ids = sa.select(Delivery.page_id).where(said_in, _IS_SAID)
    wanted = sa.select(Page).where(Page.id.in_(ids), Page.user_id == user_id, Page.kind == PageKind.PAGE)
    return db.session.scalars(wanted.order_by(Page.id)).all()


def lead_of(delivery: Delivery) -> Delivery | None:
    """The delivery whose message this one went along with."""
    return None if delivery.bundle_id is None else db.session.get(Delivery, delivery.bundle_id)


def _pages(delivery: Delivery) -> Sequence[Page]:
    ids = sa.select(Delivery.page_id).where(sa.or_(Delivery.id == delivery.id, _went_with(delivery)))
    wanted = sa.select(Page).where(Page.id.in_(ids), Page.user_id == delivery.page.user_id).order_by(Page.id)
    return db.session.scalars(wanted).all()


def _went_with(delivery: Delivery) -> sa.ColumnElement[bool]:
    return sa.and_(Delivery.bundle_id == delivery.id, Delivery.state == DeliveryState.BUNDLED)


def _went_along(delivery: Delivery) -> Sequence[int]:
    """The pages that went along with it: mostly none, so this is asked before anything is changed."""
    return db.session.scalars(_ALONG, {"lead": delivery.id}).all()


_ALONG = sa.select(Delivery.page_id).where(
    Delivery.bundle_id == sa.bindparam("lead"), Delivery.state == DeliveryState.BUNDLED
)  # asked for every message, so built once


def _limits(channel: ChannelKind) -> tuple[Limit, ...]:
    if channel is ChannelKind.PUSH:
        gap: int = current_app.config["settings"].push_gap
        return (Limit(1, timedelta(seconds=gap)),) if gap else ()
    return LIMITS.get(channel, ())


def _same_place(delivery: Delivery) -> sa.ColumnElement[bool]:
    """Of this person, by the same device or address; on a device, of the same service where it is urgent."""
    same = [Page.user_id == delivery.page.user_id, Page.kind == PageKind.PAGE]
    if (
        delivery.page.urgency is Urgency.LOW
    ):  # what waits for no hurry, and what quiet hours held, is one message
        same.append(Page.urgency == Urgency.LOW)
    elif delivery.channel is ChannelKind.PUSH:
        same.append(Page.service_name == delivery.page.service_name)
    if delivery.channel is ChannelKind.PUSH:
        same.append(Delivery.subscription_id == delivery.subscription_id)
    else:
        same += [Delivery.channel == delivery.channel, Delivery.address_key == delivery.address_key]
    return sa.and_(*same)


def _sent(delivery: Delivery, at: datetime) -> Sequence[datetime]:
    """When messages went to the same place; to a device those about other alerts, since a reminder is due."""
    sent = (
        sa.select(Delivery.sent_at)
        .join(Page)
        .where(_same_place(delivery), Delivery.sent_at > at - LONGEST, Delivery.id != delivery.id)
        .where(Delivery.state != DeliveryState.FAILED)
    )
    if delivery.channel is ChannelKind.PUSH:
        sent = sent.where(Page.subject_id != delivery.page.subject_id)
    return [moment for moment in db.session.scalars(sent) if moment is not None]


def _is_first_of_service(delivery: Delivery, at: datetime) -> bool:
    """INV-23: the first alert of a service goes at once, whatever else rings."""
    before = (
        sa.select(Delivery.id)
        .join(Page)
        .where(_same_place(delivery), Page.service_name == delivery.page.service_name)
        .where(Delivery.sent_at > at - _NEW_AFTER, Delivery.id != delivery.id)
        .where(Delivery.state != DeliveryState.FAILED)
    )
    return db.session.scalar(before.limit(1)) is None


def _companions(delivery: Delivery, at: datetime) -> sa.Select[int]:
    """What else is due for the same place and is in nobody's hand."""
    free = sa.or_(Delivery.lease_until.is_(None), Delivery.lease_until <= at)
    # whatever waits out the same throttle goes along as well, although its own moment is a second off
    due = sa.or_(Delivery.next_attempt_at <= at, sa.and_(
        Delivery.next_attempt_at.is_not(None), Delivery.state == DeliveryState.THROTTLED))  # fmt: skip
    return (
        sa.select(Delivery.id)
        .join(Page)
        .where(_same_place(delivery), due, free, Delivery.state.in_(_WAITS), Delivery.id != delivery.id)
        .where(Delivery.sent_at.is_(None), Page.status.in_(STILL_WANTED), Page.deadline_at > at)
    )
