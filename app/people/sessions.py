"""Signed-in browsers: a row each, so that a person can see and end every one (SEC-10)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain.timeline import Kind, Subject
from app.people import secret
from app.people.models import Session, User
from app.timeline.record import record

IDLE = timedelta(days=30)
ABSOLUTE = timedelta(days=90)
NOTE_USE_EVERY = timedelta(minutes=5)
FRESH = timedelta(hours=12)
# asked at every request, so built once
_HASH: sa.BindParameter[Any] = sa.bindparam("token_hash", type_=sa.Text)
_OF_TOKEN = sa.select(Session).where(Session.token_hash == _HASH).options(joinedload(Session.user))


def start(user: User, *, device: str, at: datetime, factors: int = 1) -> tuple[Session, str]:
    """A new session with a new token, which goes into the cookie and is kept nowhere else.

    `factors`: how many kinds of proof the person gave, 1 or 2.
    """
    token = secret.new()
    session = Session(
        user_id=user.id,
        token_hash=secret.digest(token),
        device=device,
        created_at=at,
        last_seen_at=at,
        expires_at=at + ABSOLUTE,
        proven_at=at,
        factors=factors,
    )
    db.session.add(session)
    db.session.flush()
    record(Kind.SIGNED_IN, Subject.USER, user.id, at=at, by=user, device=device)
    return session, token


def find(token: str, *, at: datetime) -> Session | None:
    """The living session of a cookie, with its person; None when it is over or the person has left."""
    session = db.session.scalar(_OF_TOKEN, {"token_hash": secret.digest(token)})
    if session is None or not is_alive(session, at=at):
        return None
    return session if session.user.is_active and session.user.locked_at is None else None


def is_fresh(session: Session, *, at: datetime) -> bool:
    """Whether the person proved recently enough that it is them, for an administrative act."""
    return at - session.proven_at < FRESH


def is_alive(session: Session, *, at: datetime) -> bool:
    return at < session.expires_at and at < session.last_seen_at + IDLE


def use_is_worth_noting(session: Session, *, at: datetime) -> bool:
    """Whether the row's last use is old enough to write a new one: not every view should cost a write."""
    return at - session.last_seen_at >= NOTE_USE_EVERY


def note_use(session: Session, *, at: datetime) -> None:
    """The person was here. Needs no event."""
    session.last_seen_at = at


def of(user: User, *, at: datetime) -> Sequence[Session]:
    """The person's living sessions, the latest used first."""
    rows = db.session.scalars(
        sa.select(Session).where(Session.user_id == user.id).order_by(Session.last_seen_at.desc())
    )
    return [session for session in rows if is_alive(session, at=at)]


def end(session: Session) -> None:
    """Sign this browser out at once. Pages still reach the device until that is removed (SEC-11)."""
    db.session.delete(session)


def sign_out(session: Session, *, at: datetime) -> None:
    """The person leaves this browser by themself."""
    record(Kind.SIGNED_OUT, Subject.USER, session.user_id, at=at, by=session.user, device=session.device)
    end(session)


def end_all(user: User, *, but: Session | None = None) -> int:
    """Sign the person out everywhere, except in one browser if given. Returns how many ended."""
    gone = sa.delete(Session).where(Session.user_id == user.id)
    if but is not None:
        gone = gone.where(Session.id != but.id)
    return len(db.session.scalars(gone.returning(Session.id)).all())


def forget_the_dead(*, at: datetime) -> None:
    """Remove rows that can never be used again."""
    dead = sa.or_(Session.expires_at <= at, Session.last_seen_at <= at - IDLE)
    db.session.execute(sa.delete(Session).where(dead))
