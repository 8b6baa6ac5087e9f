"""What was learned of an incident: a postmortem, every text it ever had, its chronology, comments."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model
from app.domain.edition import edition
from app.domain.words import ActionKind, Improves, PostmortemPart, PostmortemState, Question, Verdict
from app.incidents.models import Incident
from app.people.models import User

OPEN = sa.text("done_at IS NULL")


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


class ActionItem(Model):
    """What somebody promised to change because of an incident. `improves_id` is a row of what it improves."""

    __tablename__ = "action_item"
    __table_args__ = (
        sa.Index("action_item_improves_index", "improves", "improves_id"),
        sa.Index("action_item_due_index", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    text: Mapped[str]
    kind: Mapped[ActionKind]
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    due_at: Mapped[datetime | None]
    link: Mapped[str]  # out to a tracker, or empty
    improves: Mapped[Improves | None]
    improves_id: Mapped[int | None]
    reminded_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    changed: Mapped[str]  # what is otherwise now, said when it was carried out
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    incident: Mapped[Incident] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    done_by: Mapped[User | None] = relationship(foreign_keys=[done_by_id])

    @property
    def edition(self) -> str:
        """Another one as soon as something that its form changes is."""
        return edition({
            "text": self.text, "kind": self.kind, "owner": self.owner_id, "due": self.due_at,
            "link": self.link, "improves": self.improves, "improves_id": self.improves_id,
        })  # fmt: skip


class PostmortemNotebook(Model):
    """The review notebook of its incident, run because somebody asked. `next_try_at` is None while none is due:
    it was made, or given up. `html` is the last one that was made, as of `as_of`; empty before the first.
    """

    __tablename__ = "postmortem_notebook"

    postmortem_id: Mapped[int] = mapped_column(sa.ForeignKey("postmortem.incident_id"), primary_key=True)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    asked_at: Mapped[datetime]
    tries: Mapped[int]
    next_try_at: Mapped[datetime | None] = mapped_column(index=True)
    made_at: Mapped[datetime | None]
    as_of: Mapped[datetime | None]
    html: Mapped[str] = mapped_column(deferred=True)


class ReviewMeeting(Model):
    """When those who responded meet about it, at most one for a postmortem; moved, cancelled or held."""

    __tablename__ = "review_meeting"

    id: Mapped[int] = mapped_column("incident_id", sa.ForeignKey("postmortem.incident_id"), primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str]
    sequence: Mapped[int]  # of the invitation: grows with each change (RFC 5545)
    notes: Mapped[str]
    decisions: Mapped[str]
    planned_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    planned_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]

    planned_by: Mapped[User] = relationship()
    attendees: Mapped[list["ReviewAttendee"]] = relationship(order_by="ReviewAttendee.user_id")

    @property
    def edition(self) -> str:
        """Another one as soon as something that its forms change is."""
        return edition({
            "starts": self.starts_at, "ends": self.ends_at, "place": self.place, "notes": self.notes,
            "decisions": self.decisions, "cancelled": self.cancelled_at, "held": self.held_at,
        })  # fmt: skip


class ReviewAttendee(Model):
    """Somebody who is invited, and once it was held whether they came."""

    __tablename__ = "review_attendee"

    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("review_meeting.incident_id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True, index=True)
    invited_at: Mapped[datetime]
    came: Mapped[bool | None]

    user: Mapped[User] = relationship()


class RetrospectiveAnswer(Model):
    """What a review answers to one of the six questions."""

    __tablename__ = "retrospective_answer"

    postmortem_id: Mapped[int] = mapped_column(sa.ForeignKey("postmortem.incident_id"), primary_key=True)
    question: Mapped[Question] = mapped_column(primary_key=True)
    verdict: Mapped[Verdict]
    text: Mapped[str]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[datetime]

    by: Mapped[User] = relationship()


class Feedback(Model):
    """What a responder says when it is over. Its `lot` is drawn, so that no order tells who said it."""

    __tablename__ = "feedback"

    lot: Mapped[str] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)  # None: without a name
    people: Mapped[Verdict]
    alerts: Mapped[Verdict]
    missing: Mapped[str]
    at: Mapped[datetime]  # without a name only the day, at midnight UTC


class FeedbackGiven(Model):
    """Somebody has said how it was: they are not asked again."""

    __tablename__ = "feedback_given"

    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True, index=True)
