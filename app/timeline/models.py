"""The event log: one row a fact, never changed."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model
from app.people.models import User


class Event(Model):
    """Something that happened to a subject, named by kind and id so that this room knows none of them."""

    __tablename__ = "event"
    __table_args__ = (sa.Index("event_subject_index", "subject_kind", "subject_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # None: the source or the engine
    token_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("api_token.id")
    )  # the program that acted for them
    data: Mapped[dict[str, Any]]  # ids and words, never a person's name or address: it is never forgotten

    actor: Mapped[User | None] = relationship()


class Seal(Model):
    """An event's place in the audit chain. Its digest covers the event and the digest before it.

    The event is named without a foreign key, so that the seal of an event that somebody removed still tells.
    """

    __tablename__ = "audit_seal"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # from 1, without a gap
    event_id: Mapped[int] = mapped_column(unique=True)
    digest: Mapped[str]


class Received(Model):
    """Something that may count only once has come in: the digest of its sender's name for it."""

    __tablename__ = "received"

    digest: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
