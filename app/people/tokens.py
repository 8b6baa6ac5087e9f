"""API tokens: a program's key to /api/v1, in one person's name, never with more than that person's rights."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain.timeline import Kind, Subject
from app.people import secret
from app.people.models import ApiToken, User
from app.people.rights import SCOPES, Scope
from app.timeline.record import record

PREFIX = "nb_"
NOTE_USE_EVERY = timedelta(minutes=1)
# asked at every request, so built once
_HASH: sa.BindParameter[Any] = sa.bindparam("token_hash", type_=sa.Text)
_PRESENTED = sa.select(ApiToken).where(ApiToken.token_hash == _HASH).options(joinedload(ApiToken.user))


class ScopeRefused(Exception):
    """A scope that does not exist or that the person's role does not reach, in words."""


def create(
    user: User,
    *,
    name: str,
    scopes: Iterable[str],
    at: datetime,
    by: User | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token for `user`; answers its row and the token itself, which nobody can see again.

    `by` is None at the command line. Raises ScopeRefused for no scope, an unknown one, or more than the role.
    """
    wanted = _allowed(user, scopes)
    plain = secret.new(PREFIX)
    token = ApiToken(
        user_id=user.id,
        name=name,
        token_hash=secret.digest(plain),
        prefix=plain[: len(PREFIX) + 6],
        scopes=[str(scope) for scope in Scope if scope in wanted],
        created_at=at,
        expires_at=expires_at,
    )
    db.session.add(token)
    db.session.flush()
    record(Kind.CREATED, Subject.TOKEN, token.id, at=at, by=by, scopes=token.scopes, user_id=user.id)
    return token, plain


def verify(plain: str, *, at: datetime) -> ApiToken | None:
    """The token somebody presents, with its person; None when unknown, over, revoked or its person has left."""
    if not plain.startswith(PREFIX):
        return None
    token = db.session.scalar(_PRESENTED, {"token_hash": secret.digest(plain)})
    if token is None or token.revoked_at is not None or not token.user.is_active or token.user.locked_at:
        return None
    return None if token.expires_at is not None and token.expires_at <= at else token


def scopes_of(token: ApiToken) -> frozenset[Scope]:
    """What a token may do now: what it was made for, within what its person's role is today.

    Each scope includes the ones before it: write reads, admin writes.
    """
    order = list(Scope)
    reach = max((order.index(Scope(scope)) for scope in token.scopes), default=-1)
    return frozenset(order[: reach + 1]) & SCOPES[token.user.role]


def use_is_worth_noting(token: ApiToken, *, at: datetime) -> bool:
    """Whether the row's last use is old enough to write a new one: not every call should cost a write."""
    return token.last_used_at is None or at - token.last_used_at >= NOTE_USE_EVERY


def note_use(token: ApiToken, *, at: datetime) -> None:
    """Remember that a token was used. Needs no event: nothing changed but the hour."""
    token.last_used_at = at


def revoke(token: ApiToken, *, by: User | None, at: datetime) -> None:
    """End a token at once. Twice is once."""
    if token.revoked_at is None:
        token.revoked_at = at
        record(Kind.DELETED, Subject.TOKEN, token.id, at=at, by=by)


def _allowed(user: User, scopes: Iterable[str]) -> set[Scope]:
    asked = list(scopes)
    if not asked:
        raise ScopeRefused(f"A token needs a scope: {', '.join(Scope)}.")
    if unknown := [scope for scope in asked if scope not in Scope.__members__.values()]:
        raise ScopeRefused(f"No scope is called {unknown[0]!r}. There are {', '.join(Scope)}.")
    wanted = {Scope(scope) for scope in asked}
    if beyond := [scope for scope in Scope if scope in wanted - SCOPES[user.role]]:
        raise ScopeRefused(f"The scope {beyond[0]} is more than a {user.role} may do.")
    return wanted
