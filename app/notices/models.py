"""Notices, what each person wants of them, and the mail that waits to go out."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model
from app.domain.words import MailState, NoticeCategory
from app.people.models import User


class Notice(Model):
    """Something one person was told. `link` is a path of ours; without one there is nothing more to see."""

    __tablename__ = "notice"
    __table_args__ = (sa.Index("notice_user_index", "user_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    category: Mapped[NoticeCategory]
    event: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    link: Mapped[str | None]
    is_listed: Mapped[bool]  # False: it went another way only, and is not in the list
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class NoticePreference(Model):
    """What a person chose for one category; without a row the usual holds."""

    __tablename__ = "notice_preference"
    __table_args__ = (sa.UniqueConstraint("user_id", "category"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    category: Mapped[NoticeCategory]
    channels: Mapped[list[Any]]
    off: Mapped[list[Any]]  # events; kept while no channel is chosen


class Mail(Model):
    """One mail on its way out. A due time or a lease in the future, or it is over; its text goes with it."""

    __tablename__ = "mail"
    __table_args__ = (
        sa.Index("mail_due_index", "next_attempt_at", sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
                 postgresql_where=sa.text("next_attempt_at IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    to_address: Mapped[str]
    subject: Mapped[str]
    leave_url: Mapped[str | None]  # where a mail program ends this mail for its reader, by one press (RFC 8058)
    text: Mapped[str]  # emptied once sent or given up: it may hold a link that lets somebody in
    calendar: Mapped[str | None]  # a file that goes along, emptied as the text is
    state: Mapped[MailState]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
