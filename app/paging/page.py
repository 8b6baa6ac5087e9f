"""Ask for one interruption of one person: a page row, and a delivery row for each way to them."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from app import wakeup
from app.database import db, foretell, foretold
from app.domain.notification_rules import NO_DELAY
from app.domain.timeline import Subject
from app.domain.words import DeliveryState, PageKind, PageStatus, Urgency
from app.domain.zone import named, short
from app.paging import rules
from app.paging.methods import Way, usual_ways
from app.paging.models import Delivery, Page
from app.people.models import User

SHORTEST_LIFE = timedelta(minutes=5)
TOKEN_LIFE = timedelta(hours=24)  # how long a device may report and acknowledge with a page's token


@dataclass(frozen=True)
class Message:
    """What a page says: enough to act on from the lock screen. `started_at` is the alert's;
    `badge` is how many alerts wait for the person."""

    title: str
    body: str
    urgency: Urgency
    severity: str | None = None
    service_name: str | None = None
    started_at: datetime | None = None
    badge: int | None = None


@dataclass(frozen=True)
class Place:
    """Which page of a subject this is (INV-4): asking twice for the same place and person makes one page."""

    subject_kind: Subject
    subject_id: int
    run: int = 0
    round: int = 0
    step: int = 0
    reminder: int = 0

    def key(self, kind: PageKind, user_id: int) -> str:
        parts = (
            kind,
            self.subject_kind,
            self.subject_id,
            self.run,
            self.round,
            self.step,
            self.reminder,
            user_id,
        )
        return ":".join(str(part) for part in parts)


def page_user(
    user: User,
    says: Message,
    place: Place,
    *,
    kind: PageKind = PageKind.PAGE,
    reason: list[str],
    until: datetime,
    at: datetime,
    not_on: int | None = None,
    only_on: int | None = None,
    ways: Sequence[Way] | None = None,
    since: timedelta = NO_DELAY,
) -> Page | None:
    """Queue a page, or None when this person already has the page of this place.

    `until` is the moment after which sending it would be pointless; a page lives five minutes at least.
    `not_on` and `only_on` name a device to leave out, or the only one to use. `ways` are the methods to use
    and when each has its turn; None: a page goes by the person's own rules, where `since` is how long ago the
    same step first asked them, and what is no page goes to every device. Without any way the page has failed,
    for all to see: the caller asks somebody else.
    """
    key = place.key(kind, user.id)
    if kind is PageKind.TEST:
        key += f":{only_on}:{at.timestamp()}"
    if _is_made(key, place):
        return None
    life = max(until - at, SHORTEST_LIFE)
    if ways is None and kind is PageKind.PAGE:
        ways = rules.ways_for(user, says.urgency, at=at, since=since, within=life)
    if kind is PageKind.PAGE and (held := rules.held_until(user, says.urgency, at)) is not None:
        life += held - at
        reason = [*reason, f"Held until {short(held, named(user.time_zone))}, when their quiet hours end"]
    taken = [way for way in usual_ways(user) if _may(way, kind, not_on, only_on)] if ways is None else ways
    page = Page(
        page_key=key, kind=kind, subject_kind=place.subject_kind, subject_id=place.subject_id, run=place.run,
        round=place.round, step=place.step, reminder=place.reminder, user_id=user.id, user=user,
        title=says.title, body=says.body, severity=says.severity, urgency=says.urgency,
        service_name=says.service_name, started_at=says.started_at, badge=says.badge, reason=reason,
        created_at=at,
        status=PageStatus.QUEUED if taken else PageStatus.FAILED,
        deadline_at=at + life,
    )  # fmt: skip
    page.deliveries = [_delivery(key, way, at=at) for way in taken]
    db.session.add(page)
    if page.deliveries:
        wakeup.page(lambda: page.id)
    return page


def pages_made(subject_kind: Subject, subject_ids: Collection[int]) -> None:
    """Inside `asked_once`: ask once for the pages there are of all of these, each of which is to be paged."""
    known: dict[int, set[str]] = {subject_id: set() for subject_id in subject_ids}
    for subject_id, key in db.session.execute(_MADE, {"kind": subject_kind, "subject_ids": list(subject_ids)}):
        known[subject_id].add(key)
    foretell({("pages made", subject_kind, subject_id): keys for subject_id, keys in known.items()})


_MADE = sa.select(Page.subject_id, Page.page_key).where(
    Page.subject_kind == sa.bindparam("kind"),
    Page.subject_id.in_(sa.bindparam("subject_ids", expanding=True)),
)  # built once: asked for every page


def _is_made(key: str, place: Place) -> bool:
    """Whether this person has the page of this place; from here on they do."""
    made: set[str] | None = foretold(("pages made", place.subject_kind, place.subject_id))
    if made is None:
        return db.session.scalar(sa.select(Page.id).where(Page.page_key == key)) is not None
    is_made = key in made
    made.add(key)
    return is_made


def _may(way: Way, kind: PageKind, not_on: int | None, only_on: int | None) -> bool:
    """Whether the usual way is one here: tests and notices go to devices alone."""
    device = way.method.device
    if device is None:
        return kind is PageKind.PAGE
    return device.id != not_on and only_on in (None, device.id)


def _delivery(page_key: str, way: Way, *, at: datetime) -> Delivery:
    method = way.method
    return Delivery(
        subscription_id=method.device and method.device.id, contact_id=method.contact and method.contact.id,
        channel=method.channel, address_key=method.address_key, device=method.label,
        state=DeliveryState.QUEUED, created_at=at, next_attempt_at=at + way.after,
        token_hash=token_hash(token_for(page_key, method.address_key)),
    )  # fmt: skip


def token_for(page_key: str, address_key: str) -> str:
    """The secret that goes out with a page, to report and to acknowledge with (SEC-7).

    Made from the page's identity, where it goes and the installation's key, so that a second sending of it
    carries the same token although only its hash is stored.
    """
    secret = current_app.config["settings"].secret_key.encode()
    digest = hmac.digest(secret, f"delivery:{page_key}:{address_key}".encode(), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
