"""What was learned of an incident: a postmortem, every text it ever had, its chronology, comments."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model
from app.domain.words import PostmortemPart, PostmortemState
from app.incidents.models import Incident
from app.people.models import User


class Postmortem(Model):
    """One for an incident at most; its number is the incident's."""

    __tablename__ = "postmortem"

    id: Mapped[int] = mapped_column("incident_id", sa.ForeignKey("incident.id"), primary_key=True)
    state: Mapped[PostmortemState]
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    opened_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # None: by its severity
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    figures: Mapped[dict[str, Any] | None]  # as `learning.figures` counted them last

    incident: Mapped[Incident] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])

    @property
    def number(self) -> int:
        return self.id


class PostmortemText(Model):
    """A part as it was once; the highest number is how it reads now. Nothing that was written is lost."""

    __tablename__ = "postmortem_text"

    postmortem_id: Mapped[int] = mapped_column(sa.ForeignKey("postmortem.incident_id"), primary_key=True)
    part: Mapped[PostmortemPart] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # None: filled by itself
    at: Mapped[datetime]

    by: Mapped[User | None] = relationship()


class PostmortemEntry(Model):
    """A line of the chronology: an entry of the timeline as it says it or in other words, or one of its own."""

    __tablename__ = "postmortem_entry"
    __table_args__ = (sa.UniqueConstraint("postmortem_id", "event_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    postmortem_id: Mapped[int] = mapped_column(sa.ForeignKey("postmortem.incident_id"))
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event.id"))
    at: Mapped[datetime]
    words: Mapped[str | None]  # None: as the timeline says it


class PostmortemComment(Model):
    """What somebody says about it, as a whole or about a part."""

    __tablename__ = "postmortem_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    postmortem_id: Mapped[int] = mapped_column(sa.ForeignKey("postmortem.incident_id"), index=True)
    part: Mapped[PostmortemPart | None]
    text: Mapped[str]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[datetime]

    by: Mapped[User] = relationship()
