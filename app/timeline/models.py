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
    data: Mapped[dict[str, Any]]

    actor: Mapped[User | None] = relationship()
