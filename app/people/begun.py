"""What was begun at the door: kept for minutes, finished once, by whoever holds its token."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.database import db
from app.people import secret
from app.people.models import User
from app.people.ways_in import Begun

LASTS = timedelta(minutes=5)


def begin(
    purpose: str, *, at: datetime, user: User | None = None, lasts: timedelta = LASTS, **data: Any
) -> str:
    """Remember that `purpose` was begun, and what it takes to finish it. Answers the only copy of its token."""
    token = secret.new()
    keep(token, purpose, at=at, user=user, lasts=lasts, **data)
    return token


def keep(
    token: str, purpose: str, *, at: datetime, user: User | None = None, lasts: timedelta = LASTS, **data: Any
) -> None:
    """The same with a token that was made before, since it had to be told to somebody first."""
    db.session.execute(sa.delete(Begun).where(Begun.expires_at <= at))
    db.session.add(
        Begun(
            token_hash=secret.digest(token),
            purpose=purpose,
            user_id=None if user is None else user.id,
            data=data,
            expires_at=at + lasts,
        )
    )


def look(token: str | None, purpose: str, *, at: datetime) -> Begun | None:
    """What was begun, not used up by looking; None when it is unknown, for another purpose, or over."""
    return db.session.scalar(
        sa.select(Begun).where(
            Begun.token_hash == secret.digest(token or ""), Begun.purpose == purpose, Begun.expires_at > at
        )
    )


def finish(token: str | None, purpose: str, *, at: datetime) -> Begun | None:
    """The same, for the last time: of two who come with the token, one gets it."""
    gone = sa.delete(Begun).where(
        Begun.token_hash == secret.digest(token or ""), Begun.purpose == purpose, Begun.expires_at > at
    )
    found = db.session.scalar(gone.returning(Begun))
    if found is not None:
        db.session.expunge(found)
    return found
