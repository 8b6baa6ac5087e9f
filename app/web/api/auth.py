"""Who is calling: a program with a bearer token, or one of our own pages with its session cookie.

The caller and what they may do are read from the rows at every request (SEC-17), before anything else.
"""

from dataclasses import dataclass
from typing import cast

from flask import g, request

from app.database import transaction
from app.people import sessions, tokens
from app.people.models import User
from app.people.rights import SCOPES, NotAllowed, Scope, may, who_may
from app.web import access
from app.web.api.problems import Problem

SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Caller:
    """A person and the scopes of what speaks for them: a token's, or for a session all that the role has.

    `device` names that: the token, or the browser that is signed in.
    """

    user: User
    scopes: frozenset[Scope]
    device: str
    is_proven: bool = True  # False: a browser's session, begun too long ago for administrative acts


def authenticate() -> None:
    """Find the caller, before every request. Raises Problem 401 for nobody and 403 for too small a scope."""
    g.api_caller = caller = _from_token() if "Authorization" in request.headers else _from_session()
    need_scope(Scope.READ if request.method in SAFE else Scope.WRITE, caller)


def me() -> User:
    """The person the caller speaks for."""
    return cast(Caller, g.api_caller).user


def device() -> str:
    """What the caller uses, for the log of who did what from where."""
    return cast(Caller, g.api_caller).device


def need_scope(scope: Scope, caller: Caller | None = None) -> None:
    """Raises Problem 403 unless the caller's token reaches `scope`."""
    caller = caller or cast(Caller, g.api_caller)
    if scope is Scope.ADMIN and not caller.is_proven:
        raise Problem(403, "You signed in over 12 hours ago. Sign in again for this, then repeat it.")
    if scope not in caller.scopes:
        raise Problem(
            403,
            f"This needs a token with the scope {scope}, of a person whose role reaches it.",
            headers={
                "WWW-Authenticate": f'Bearer realm="Nightbell", error="insufficient_scope", scope="{scope}"'
            },
        )


def need(act: str, *, team_id: int | None = None) -> None:
    """Raises NotAllowed (403) unless the caller's person may do `act`. Ask for it inside the transaction."""
    if not may(me(), act, team_id=team_id):
        raise NotAllowed(who_may(act))


def _from_token() -> Caller:
    kind, _, plain = request.headers["Authorization"].partition(" ")
    token = tokens.verify(plain.strip(), at=access.asked_at()) if kind.lower() == "bearer" else None
    if token is None:
        raise Problem(
            401,
            "This token is unknown, expired or revoked.",
            headers=_challenge('error="invalid_token"'),
        )
    if tokens.use_is_worth_noting(token, at=access.asked_at()):
        with transaction():
            tokens.note_use(token, at=access.asked_at())
    g.token_id = token.id  # events say which program it was
    return Caller(token.user, tokens.scopes_of(token), f"token {token.name}")


def _from_session() -> Caller:
    user = access.current_user()  # whose changes app/web/csrf.py has seen come from our own pages
    session = access.current_session()
    if user is None or session is None:
        raise Problem(401, "Send a token as Authorization: Bearer …", headers=_challenge())
    proven = sessions.is_fresh(session, at=access.asked_at())
    return Caller(user, SCOPES[user.role], session.device, is_proven=proven)


def _challenge(*why: str) -> dict[str, str]:
    """How to come in, for programs (RFC 6750)."""
    return {"WWW-Authenticate": ", ".join(['Bearer realm="Nightbell"', *why])}
