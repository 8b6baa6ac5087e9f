"""Who people are at the single sign-on provider."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain.invalid import InvalidField
from app.domain.timeline import Kind, Subject
from app.people import ways
from app.people.models import User
from app.people.passkeys import LastWayIn
from app.people.sign_in_policy import policy
from app.people.taken import refused_if_taken
from app.people.ways_in import ProviderAccount
from app.timeline.record import record

TAKEN = "This account of the provider belongs to somebody here already."


def of(user: User) -> Sequence[ProviderAccount]:
    """The accounts by which `user` may come in."""
    return db.session.scalars(
        sa.select(ProviderAccount).where(ProviderAccount.user_id == user.id).order_by(ProviderAccount.id)
    ).all()


def person_of(issuer: str, subject: str) -> User | None:
    """Whose account that is; None for nobody's, and for somebody who left or is locked out."""
    found = db.session.scalar(
        sa.select(ProviderAccount)
        .where(ProviderAccount.issuer == issuer, ProviderAccount.subject == subject)
        .options(joinedload(ProviderAccount.user))
    )
    may = found is not None and found.user.is_active and found.user.locked_at is None
    return found.user if found is not None and may else None


def link(user: User, *, issuer: str, subject: str, email: str, at: datetime) -> None:
    """From now on this account lets `user` in. Twice is once; raises InvalidField for somebody else's."""
    row = db.session.scalar(
        sa.select(ProviderAccount).where(ProviderAccount.issuer == issuer, ProviderAccount.subject == subject)
    )
    if row is not None and row.user_id == user.id:
        return
    if row is not None:
        raise InvalidField([("/provider", TAKEN)])
    with refused_if_taken(provider=TAKEN):
        db.session.add(
            ProviderAccount(user_id=user.id, issuer=issuer, subject=subject, email=email, created_at=at)
        )
    record(Kind.CHANGED, Subject.USER, user.id, at=at, by=user, changed=["provider_account"])


def unlink(account: ProviderAccount, *, by: User, at: datetime) -> None:
    """This account opens nothing any more. Raises LastWayIn instead of shutting its owner out."""
    if ways.of(by, policy()).count <= 1:
        raise LastWayIn
    db.session.delete(account)
    record(
        Kind.CHANGED, Subject.USER, account.user_id, at=at, by=by, changed=["provider_account"], removed=True
    )
