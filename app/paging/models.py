"""Reaching a person: their devices, the pages asked for, each attempt to deliver one."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model
from app.domain.words import ChannelKind, DeliveryState, PageKind, PageStatus, Urgency
from app.people.models import ContactMethod, User

UNSENT = sa.text("sent_at IS NULL")
NOBODY = sa.text("status = 'failed'")
IN_VAIN = sa.text("state = 'failed' OR silent_since IS NOT NULL")
UNHEARD = sa.text("silent_since IS NULL AND state IN ('accepted', 'received')")


class PushSubscription(Model):
    """One browser on one device that a person can be reached on."""

    __tablename__ = "push_subscription"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    endpoint: Mapped[str] = mapped_column(unique=True)
    p256dh: Mapped[str]
    auth: Mapped[str]
    vapid_key: Mapped[str | None]  # our public key it subscribed with; None: from before that was written down
    device: Mapped[str]
    secret_hash: Mapped[str | None]  # lets the service worker renew the subscription after the login ran out
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]  # the last time a test page was shown and tapped here
    proof: Mapped[dict[str, Any] | None]  # that test's steps, in seconds from asking: accepted, shown, clicked
    removed_at: Mapped[datetime | None]
    removed_because: Mapped[str | None]
    session_hash: Mapped[
        str | None
    ]  # the hash of the sign-in it belongs to, so that both end together when lost

    user: Mapped[User] = relationship()


class Page(Model):
    """One interruption of one person. It carries what it says, so that this room knows nothing above it."""

    __tablename__ = "page"
    __table_args__ = (
        sa.Index("page_subject_index", "subject_kind", "subject_id", "run", "user_id"),
        sa.Index("page_user_index", "user_id", "id"),
        sa.Index("page_created_at_index", "created_at"),
        sa.Index("page_failed_index", "created_at", sqlite_where=NOBODY, postgresql_where=NOBODY),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    page_key: Mapped[str] = mapped_column(unique=True)  # INV-4: subject, run, round, step, reminder, person
    kind: Mapped[PageKind]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    run: Mapped[int]
    round: Mapped[int]
    step: Mapped[int]
    reminder: Mapped[int]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    title: Mapped[str]
    body: Mapped[str]
    severity: Mapped[str | None]
    urgency: Mapped[Urgency]
    service_name: Mapped[str | None]
    started_at: Mapped[datetime | None]
    badge: Mapped[int | None]  # the number on the app's icon: what waits for this person, as it was then
    status: Mapped[PageStatus]
    reason: Mapped[list[Any]]
    created_at: Mapped[datetime]
    deadline_at: Mapped[datetime]

    user: Mapped[User] = relationship()
    deliveries: Mapped[list["Delivery"]] = relationship(back_populates="page", order_by="Delivery.id")


class Delivery(Model):
    """One page on its way to one device or address. A due time or a lease ahead, or it is over (INV-5)."""

    __tablename__ = "delivery"
    __table_args__ = (
        sa.UniqueConstraint("page_id", "subscription_id"),
        sa.Index("delivery_address_index", "page_id", "address_key", unique=True),  # INV-4
        sa.Index("delivery_due_index", "next_attempt_at", sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
                 postgresql_where=sa.text("next_attempt_at IS NOT NULL")),
        sa.Index("delivery_in_vain_index", "created_at", sqlite_where=IN_VAIN, postgresql_where=IN_VAIN),
        sa.Index("delivery_unheard_index", "accepted_at", sqlite_where=UNHEARD, postgresql_where=UNHEARD),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(sa.ForeignKey("page.id"))
    subscription_id: Mapped[int | None] = mapped_column(sa.ForeignKey("push_subscription.id"))
    contact_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("contact_method.id", ondelete="SET NULL"), index=True
    )  # the person's further address or number that it goes to
    channel: Mapped[ChannelKind]
    address_key: Mapped[str] = mapped_column(server_default="")  # among those of its page
    device: Mapped[str]
    state: Mapped[DeliveryState]
    next_attempt_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    token_hash: Mapped[str] = mapped_column(unique=True)  # of the token that may report and acknowledge
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    silent_since: Mapped[datetime | None]  # not shown in the time that a device has for it
    sooner_at: Mapped[datetime | None]  # when its turn was brought forward, as a phone before it said nothing
    received_at: Mapped[datetime | None]
    shown_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    acked_at: Mapped[datetime | None]

    bundle_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("delivery.id"), index=True
    )  # the delivery whose message it went along with

    page: Mapped[Page] = relationship(back_populates="deliveries")
    subscription: Mapped[PushSubscription | None] = relationship()
    contact: Mapped[ContactMethod | None] = relationship()


class NotificationRule(Model):
    """One way a person wants to be paged, and how long after the page; see domain.notification_rules."""

    __tablename__ = "notification_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    urgency: Mapped[Urgency]
    channel: Mapped[ChannelKind]
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contact_method.id", ondelete="CASCADE"))
    after_seconds: Mapped[int]
    created_at: Mapped[datetime]


class EngineRound(Model):
    """One row: when an engine last went through all that was due. What "Engine at work" is known by."""

    __tablename__ = "engine_round"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Canary(Model):
    """One synthetic event on its way through intake, engine and push: what proves the path. Nobody's page."""

    __tablename__ = "canary"
    __table_args__ = (
        sa.Index("canary_waiting_index", "id", sqlite_where=UNSENT, postgresql_where=UNSENT),
        sa.Index("canary_heard_at_index", "heard_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(unique=True)
    taken_at: Mapped[datetime]  # intake had it on disk
    sent_at: Mapped[datetime | None]  # an engine took it up
    heard_at: Mapped[datetime | None]  # the canary's destination could read it


class AuditorRound(Model):
    """One row: when the auditor last compared what is with what was promised, and what it found."""

    __tablename__ = "auditor_round"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    found: Mapped[list[Any]]  # {"promise": "INV-2", "says": …, "ids": […], "mended": true}
