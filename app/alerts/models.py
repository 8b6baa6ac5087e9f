"""Signals that something is wrong, the services they are about, the doors they come in by, their timers."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model
from app.domain.words import (
    AlertStatus,
    EscalationState,
    LowUrgency,
    ResolvedBy,
    ServiceKind,
    Severity,
    Urgency,
)
from app.oncall.models import EscalationPolicy
from app.people.models import Team, User

OPEN = sa.text("status <> 'resolved'")
SNOOZED = sa.text("snoozed_until IS NOT NULL")
ASKED_AGAIN = sa.text("ask_again_at IS NOT NULL")
UNRULED = sa.text("ruled_at IS NULL AND status <> 'resolved'")
DUE = sa.text("next_due_at IS NOT NULL")


class Service(Model):
    """What is looked after: owned by one team, paged by one policy."""

    __tablename__ = "service"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"), index=True)
    escalation_policy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("escalation_policy.id"))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    description: Mapped[str] = mapped_column(default="")
    kind: Mapped[ServiceKind] = mapped_column(default=ServiceKind.TECHNICAL)
    low_urgency: Mapped[LowUrgency] = mapped_column(default=LowUrgency.PAGE_ONCE)
    public_name: Mapped[str] = mapped_column(
        default="", server_default=""
    )  # on the public status page; empty: not there
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    team: Mapped[Team] = relationship()
    escalation_policy: Mapped[EscalationPolicy | None] = relationship()
    owner: Mapped[User | None] = relationship()


class Integration(Model):
    """A door for alerts of one service, opened by any of its live keys."""

    __tablename__ = "integration"

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("service.id"), index=True)
    name: Mapped[str]
    kind: Mapped[str]
    mapping: Mapped[dict[str, Any] | None]
    default_severity: Mapped[Severity | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    slowed_at: Mapped[datetime | None]  # when it last sent more than it may, and was told to wait
    silent_after_minutes: Mapped[int | None]  # of a heartbeat; None: the usual
    last_beat_at: Mapped[datetime | None]
    beat_due_at: Mapped[datetime | None] = mapped_column(index=True)  # None: it never spoke, or fell silent

    service: Mapped[Service] = relationship()
    keys: Mapped[list["IntegrationKey"]] = relationship(
        back_populates="integration", order_by="IntegrationKey.id"
    )

    @property
    def live_keys(self) -> list["IntegrationKey"]:
        """Those that are not ended, the oldest first: two at most, while senders move from one to the other."""
        return [key for key in self.keys if key.ended_at is None]

    @property
    def team_id(self) -> int:
        return self.service.team_id

    @property
    def low_urgency(self) -> LowUrgency:
        return self.service.low_urgency


class IntegrationKey(Model):
    """One key of a door. It is shown once; the row keeps its hash and first characters (SEC-4)."""

    __tablename__ = "integration_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id"), index=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    integration: Mapped[Integration] = relationship(back_populates="keys")


class Alert(Model):
    """One thing that is wrong. Its number, what people say and addresses use, is its id."""

    __tablename__ = "alert"
    __table_args__ = (
        # INV-17: this, not a read first, keeps a key open only once in an integration
        sa.Index(
            "one_open_alert_per_key",
            "integration_id",
            "dedup_key",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        sa.Index("alert_open_index", "service_id", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        sa.Index("alert_snoozed_index", "snoozed_until", sqlite_where=SNOOZED, postgresql_where=SNOOZED),
        sa.Index(
            "alert_ask_again_index", "ask_again_at", sqlite_where=ASKED_AGAIN, postgresql_where=ASKED_AGAIN
        ),
        sa.Index(
            "alert_raised_by_index",
            "raised_by_id",
            "created_at",
            sqlite_where=sa.text("raised_by_id IS NOT NULL"),
            postgresql_where=sa.text("raised_by_id IS NOT NULL"),
        ),
        sa.Index("alert_updated_at_index", "updated_at", "id"),
        sa.Index("alert_created_at_index", "created_at"),
        sa.Index("alert_key_index", "integration_id", "dedup_key", "created_at"),
        sa.Index("alert_unruled_index", "id", sqlite_where=UNRULED, postgresql_where=UNRULED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    integration_id: Mapped[int | None] = mapped_column(sa.ForeignKey("integration.id"))
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("service.id"))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"), index=True)
    dedup_key: Mapped[str]
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    severity: Mapped[Severity]
    urgency: Mapped[Urgency]
    status: Mapped[AlertStatus]
    started_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    assigned_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    raised_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # who paged somebody by hand
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[ResolvedBy | None]
    resolution: Mapped[str | None]
    snoozed_until: Mapped[datetime | None]
    ask_again_at: Mapped[datetime | None]  # when an acknowledgement is asked after, by its policy
    occurrences: Mapped[int] = mapped_column(default=1)
    run: Mapped[int] = mapped_column(
        default=1
    )  # one life of its escalation; an acknowledgement names the run it meant
    reopen_count: Mapped[int] = mapped_column(default=0)
    ruled_at: Mapped[datetime | None]  # when the response rules looked at it: once
    links: Mapped[list[Any]]
    labels: Mapped[dict[str, Any]]
    annotations: Mapped[dict[str, Any]]
    group_key: Mapped[str | None]
    source_service: Mapped[str | None]  # the source's own word for the service, kept as a label

    service: Mapped[Service] = relationship()
    integration: Mapped[Integration | None] = relationship()
    team: Mapped[Team] = relationship()
    acknowledged_by: Mapped[User | None] = relationship(foreign_keys=[acknowledged_by_id])
    raised_by: Mapped[User | None] = relationship(foreign_keys=[raised_by_id])
    assigned_to: Mapped[User | None] = relationship(foreign_keys=[assigned_to_id])
    escalation: Mapped["Escalation | None"] = relationship(back_populates="alert")

    @property
    def number(self) -> int:
        return self.id

    @property
    def is_open(self) -> bool:
        return self.status != AlertStatus.RESOLVED


class Escalation(Model):
    """Where an alert stands in its policy, and its one timer (INV-2)."""

    __tablename__ = "escalation"
    __table_args__ = (
        sa.CheckConstraint(
            "(state IN ('running', 'last_resort')) = (next_due_at IS NOT NULL)", name="due_while_running"
        ),
        sa.Index("escalation_due_index", "next_due_at", sqlite_where=DUE, postgresql_where=DUE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(sa.ForeignKey("alert.id"), unique=True)
    run: Mapped[int]
    round: Mapped[int]  # of the next step, from 0
    step: Mapped[int]  # the next step to take, from 0
    reminder: Mapped[int]  # of the next page within its step, from 0; in the last resort: pages made
    state: Mapped[EscalationState]
    next_due_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    last_step_at: Mapped[datetime | None]  # when people were last asked: the pages of that moment are its pages
    exhausted_at: Mapped[datetime | None]
    policy: Mapped[dict[str, Any] | None]  # snapshot taken at the first step; None: no policy, or not begun
    failures: Mapped[int] = mapped_column(
        default=0
    )  # of the engine on this row, before it is set aside (INV-20)

    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))  # who got it since: see run_policy

    alert: Mapped[Alert] = relationship(back_populates="escalation")


class Answer(Model):
    """One acknowledgement of a run in which several people must."""

    __tablename__ = "answer"
    __table_args__ = (sa.UniqueConstraint("alert_id", "run", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(sa.ForeignKey("alert.id"))
    run: Mapped[int]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[datetime]


class RawRequest(Model):
    """A request as it was received, kept for 90 days."""

    __tablename__ = "raw_request"
    __table_args__ = (sa.Index("raw_request_received_at_index", "received_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id"), index=True)
    received_at: Mapped[datetime]
    content_type: Mapped[str]
    body: Mapped[bytes]
    alert_count: Mapped[int]
