"""Accounts of programs: a name and a role of their own, one token each, and no way to sign in.

A personal token ends with its person; what keeps an organisation running should not. So a program that belongs
to nobody has an account: it has rights like a person and is named in the record, and it is never paged, never
listed among people, and never counts as an administrator who could let somebody in.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.invalid import InvalidField
from app.domain.timeline import Kind, Subject
from app.domain.words import Role
from app.people import secret, tokens
from app.people.models import ApiToken, User
from app.timeline.record import record

LONGEST_NAME = 100


def create(
    *, name: str, role: Role | str, scope: str, by: User, at: datetime, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """An account with its token, which is shown this once. Raises InvalidField about `name` or `role`,
    tokens.ScopeRefused about `scope`.
    """
    name = " ".join(name.split())
    errors = []
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        errors.append(("/name", f"A name, of at most {LONGEST_NAME} characters."))
    if role not in Role.__members__.values():
        errors.append(("/role", f"One of {', '.join(Role)}."))
    if errors:
        raise InvalidField(errors)
    account = User(
        email=f"{secret.new()[:12].lower()}@service.invalid", name=name, role=Role(role), time_zone="UTC",
        is_service=True, created_at=at,
    )  # fmt: skip
    db.session.add(account)
    db.session.flush()
    record(Kind.CREATED, Subject.USER, account.id, at=at, by=by, service=True, role=str(account.role))
    return tokens.create(account, name=name, scopes=[scope], at=at, by=by, expires_at=expires_at)


def living() -> Sequence[ApiToken]:
    """The tokens of all accounts of programs that still open something, the newest first."""
    rows = sa.select(ApiToken).join(User).where(User.is_service, ApiToken.revoked_at.is_(None))
    return db.session.scalars(rows.order_by(ApiToken.id.desc())).all()


def end(token: ApiToken, *, by: User, at: datetime) -> None:
    """The program is shut out at once, and its account with it. Twice is once."""
    tokens.revoke(token, by=by, at=at)
    if token.user.is_active:
        token.user.is_active = False
        record(Kind.CHANGED, Subject.USER, token.user_id, at=at, by=by, field="is_active", to=False)
