"""What may count only once: the names that senders give to what they sign, kept for a day against replay."""

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.database import db
from app.timeline.models import Received

KEPT = timedelta(hours=24)


def is_first(name: str, *, at: datetime) -> bool:
    """Whether nobody has used this name for a day; it is used from now on. Inside a transaction.

    Put the sender into the name, so that two senders never meet.
    """
    digest = hashlib.sha256(name.encode()).hexdigest()
    try:
        with db.session.begin_nested():
            db.session.add(Received(digest=digest, at=at))
    except IntegrityError:
        return False
    return True


def forget_old(*, at: datetime) -> int:
    """Names of more than a day ago go. Returns how many."""
    old = sa.delete(Received).where(Received.at < at - KEPT)
    return len(db.session.scalars(old.returning(Received.digest)).all())
