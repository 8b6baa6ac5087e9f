"""The list of notices a person sees under Me."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.notices.models import Notice
from app.people.models import User

KEPT = timedelta(days=90)
PAGE = 50


def of(user: User, *, before: int | None = None, limit: int = PAGE) -> Sequence[Notice]:
    """What this person was told, newest first; `before` is the id the last list ended with."""
    rows = sa.select(Notice).where(Notice.user_id == user.id, Notice.is_listed)
    if before is not None:
        rows = rows.where(Notice.id < before)
    return db.session.scalars(rows.order_by(Notice.id.desc()).limit(limit)).all()


def unread(user: User) -> int:
    """How many of the listed ones the person has not read."""
    mine = sa.select(sa.func.count()).where(
        Notice.user_id == user.id, Notice.is_listed, Notice.read_at.is_(None)
    )
    return db.session.scalar(mine) or 0


def find(user: User, notice_id: int) -> Notice | None:
    """One notice of this person, listed or not; somebody else's is none."""
    return db.session.scalar(sa.select(Notice).where(Notice.id == notice_id, Notice.user_id == user.id))


def read(notice: Notice, *, at: datetime) -> None:
    """The person has seen it. Twice is once."""
    if notice.read_at is None:
        notice.read_at = at


def read_all(user: User, *, at: datetime) -> None:
    db.session.execute(
        sa.update(Notice).where(Notice.user_id == user.id, Notice.read_at.is_(None)).values(read_at=at)
    )


def forget_old(*, at: datetime) -> int:
    """Notices of a quarter ago go. Returns how many."""
    gone = sa.delete(Notice).where(Notice.created_at < at - KEPT)
    return len(db.session.scalars(gone.returning(Notice.id)).all())
