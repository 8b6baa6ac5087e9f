"""A new password for somebody who cannot come in: a link for one use, made by an administrator or mailed.

The token is 256 random bits, kept as its hash and used up by one conditional update: that gives what two
signing keys in rotation would (SEC-30), and a link that can be taken back. A newer link ends the older ones.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.domain.timeline import Kind, Subject
from app.people import secret, sessions, ways
from app.people.models import SignInLink, User
from app.people.users import set_password
from app.timeline.record import record

PURPOSE = "reset"
LASTS = timedelta(hours=24)
MAILED_LASTS = timedelta(hours=1)


def make_link(user: User, *, at: datetime, by: User | None = None, forgets_second_factor: bool = False) -> str:
    """The only copy of a token that sets `user` a new password; the links before it are over.

    `by`: the administrator who made it; None when it goes by mail to the person's own address, which is less of
    a proof: it lasts an hour and never takes the second factor away.
    """
    db.session.execute(
        sa.delete(SignInLink).where(
            SignInLink.user_id == user.id, SignInLink.purpose == PURPOSE, SignInLink.used_at.is_(None)
        )
    )
    token = secret.new()
    db.session.add(
        SignInLink(
            token_hash=secret.digest(token),
            purpose=PURPOSE,
            user_id=user.id,
            forgets_second_factor=forgets_second_factor and by is not None,
            created_at=at,
            expires_at=at + (LASTS if by is not None else MAILED_LASTS),
        )
    )
    record(Kind.CHANGED, Subject.USER, user.id, at=at, by=by, changed=["reset_link"])
    return token


def person_of(token: str, *, at: datetime) -> User | None:
    """Whose link it is; None when it is unknown, used or over, or its person left. Looking uses nothing up."""
    found = db.session.scalar(_open(token, at))
    user = None if found is None else db.session.get(User, found.user_id)
    return user if user is not None and user.is_active and user.locked_at is None else None


def finish(token: str, password_hash: str, *, at: datetime) -> User | None:
    """Set the new password, end every sign-in. None when the link is over; of two at once, one counts."""
    user = person_of(token, at=at)
    if user is None:
        return None
    used = (
        sa.update(SignInLink)
        .where(SignInLink.token_hash == secret.digest(token), SignInLink.used_at.is_(None))
        .values(used_at=at)
        .returning(SignInLink.forgets_second_factor)
    )
    row = db.session.execute(used).first()
    if row is None:
        return None
    if row.forgets_second_factor:
        ways.forget_second_factor(user)
    set_password(user, password_hash, by=user, at=at)
    sessions.end_all(user)
    return user


def _open(token: str, at: datetime) -> sa.Select[SignInLink]:
    return sa.select(SignInLink).where(
        SignInLink.token_hash == secret.digest(token),
        SignInLink.purpose == PURPOSE,
        SignInLink.used_at.is_(None),
        SignInLink.expires_at > at,
    )
