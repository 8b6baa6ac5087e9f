"""Where many read: a destination, and each post to one."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model
from app.domain.words import ChannelKind, DeliveryState, Urgency
from app.people.models import Team


class Destination(Model):
    """A chat's room, a topic or a program's address. Its secrets are sealed: with them one may write there."""

    __tablename__ = "destination"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ChannelKind]
    name: Mapped[str]
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"), index=True)  # None: everybody's
    address: Mapped[str]  # sealed
    host: Mapped[str]  # of the address, for people to read
    token: Mapped[str | None]  # sealed: what goes along to prove us, or what a signed webhook is signed with
    previous_token: Mapped[str | None]  # sealed: signs, too, until then
    previous_until: Mapped[datetime | None]
    room: Mapped[str] = mapped_column(default="")  # where the address alone names none: a chat's number
    template: Mapped[str] = mapped_column(default="")
    events: Mapped[list[Any]]  # what it is told of, besides pages that a policy sends there
    created_at: Mapped[datetime]
    last_ok_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    last_error: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    disabled_because: Mapped[str | None]
    disabled_told_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    team: Mapped[Team | None] = relationship()


class Post(Model):
    """One message to one destination: an attempt's row, as a delivery is for a person."""

    __tablename__ = "post"
    __table_args__ = (
        sa.Index("post_due_index", "next_attempt_at", sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
                 postgresql_where=sa.text("next_attempt_at IS NOT NULL")),
        sa.Index("post_subject_index", "subject_kind", "subject_id"),
        sa.Index("post_refused_index", "created_at", sqlite_where=sa.text("state = 'failed'"),
                 postgresql_where=sa.text("state = 'failed'")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    destination_id: Mapped[int] = mapped_column(sa.ForeignKey("destination.id"), index=True)
    post_key: Mapped[str] = mapped_column(unique=True)  # asking twice for the same makes one
    event: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    title: Mapped[str]
    body: Mapped[str]
    severity: Mapped[str | None]
    urgency: Mapped[Urgency]
    service_name: Mapped[str | None]
    data: Mapped[dict[str, Any]]
    state: Mapped[DeliveryState]
    next_attempt_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]

    destination: Mapped[Destination] = relationship()
