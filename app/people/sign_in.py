"""Signing in: slow for guessers, open for owners, the same to look at for every account.

A try counts against the account and against the address it comes from; after a few wrong ones each next has to
wait, twice as long every time, and never for ever (SEC-14). A browser in which this person has signed in before
is counted by itself, so nobody who guesses can keep the owner out. A try is written down *before* the password
is looked at, in its own transaction: fifty at once are fifty. A passkey names nobody before it is proven, so it
counts against the address alone.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.domain.timeline import Kind, Subject
from app.people import passwords, secret
from app.people.models import SignInFailure, User
from app.people.users import normal_email
from app.timeline.record import record

LOOK_BACK = timedelta(hours=1)
LONGEST_WAIT = timedelta(minutes=5)
FREE_TRIES = {"account": 5, "address": 20, "browser": 5}


@dataclass(frozen=True)
class Attempt:
    """A try that may go on. `rows` are what it has been written down as, `own` what counts this account's
    tries in this browser or anywhere; None while nobody knows whose it is.
    """

    email: str
    own: str | None
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Wait:
    """A try that has to wait; nothing was looked at, and nothing written down."""

    seconds: int


def begin(email: str, *, address: str, known_browser: str | None, at: datetime) -> Attempt | Wait:
    """Ask to try. `known_browser` names a browser this account has signed in from, if this is one. An empty
    `email` is somebody who has not said who they are.
    """
    email = normal_email(email)
    db.session.execute(sa.delete(SignInFailure).where(SignInFailure.at <= at - LOOK_BACK))
    keys = _keys(email, address, known_browser)
    waits = [wait_after(_failures(key), free=FREE_TRIES[kind], now=at) for kind, key in keys.items()]
    if (longest := max(waits)) > timedelta(0):
        return Wait(seconds=int(longest.total_seconds()) + 1)
    rows = [SignInFailure(key=key, at=at) for key in keys.values()]
    db.session.add_all(rows)
    db.session.flush()
    own = next((key for kind, key in keys.items() if kind != "address"), None)
    return Attempt(email, own, tuple(row.id for row in rows))


def check(attempt: Attempt, password: str) -> User | None:
    """The person, if the password is theirs. Slow, so outside any transaction. An account that does not exist,
    has no password, has left or is locked out takes as long and gives the same answer (SEC-15).
    """
    user = db.session.scalar(sa.select(User).where(User.email == attempt.email))
    may = user is not None and user.is_active and user.locked_at is None
    kept = user.password_hash if user is not None and may else None
    fits = passwords.matches(password[: passwords.LONGEST + 1], kept)
    return user if fits else None


def note_failure(attempt: Attempt, *, at: datetime) -> None:
    """Write into the record that somebody tried in vain. For an account there is not, it is about nobody (0),
    so that both do the same work (SEC-15).
    """
    user_id = db.session.scalar(sa.select(User.id).where(User.email == attempt.email))
    record(Kind.SIGN_IN_FAILED, Subject.USER, user_id or 0, at=at)


def renewed_hash(user: User, password: str) -> str | None:
    """A new hash of the right password when today's parameters have overtaken the kept one. Slow."""
    kept = user.password_hash
    return passwords.hashed(password) if kept is not None and passwords.is_outdated(kept) else None


def forget(attempt: Attempt) -> None:
    """Take a try back that came to nothing for a reason of ours: no password was looked at."""
    db.session.execute(sa.delete(SignInFailure).where(SignInFailure.id.in_(attempt.rows)))


def half_way(attempt: Attempt, user: User, *, renewed: str | None = None) -> None:
    """The password is right and a code comes next. Only this try is forgotten: whoever knows the password and
    guesses codes must not wipe the slate with every new start.
    """
    forget(attempt)
    if renewed is not None:
        user.password_hash = renewed


def succeed(attempt: Attempt, user: User, *, renewed: str | None = None) -> None:
    """Forget the wrong tries of this account, and keep the renewed hash if there is one.

    The address keeps its other failures: owning one account must not buy guesses at the next.
    """
    own = sa.or_(SignInFailure.id.in_(attempt.rows), SignInFailure.key == attempt.own)
    db.session.execute(sa.delete(SignInFailure).where(own))
    if renewed is not None:
        user.password_hash = renewed


def wait_after(failures: Sequence[datetime], *, free: int, now: datetime) -> timedelta:
    """How long the next try has to wait: nothing for the first `free`, then 1, 2, 4 s … up to five minutes,
    counted from the last one.
    """
    over = len(failures) - free
    if over < 0:
        return timedelta(0)
    pause = min(timedelta(seconds=2 ** min(over, 20)), LONGEST_WAIT)
    return max(max(failures) + pause - now, timedelta(0))


def _failures(key: str) -> Sequence[datetime]:
    return db.session.scalars(sa.select(SignInFailure.at).where(SignInFailure.key == key)).all()


def _keys(email: str, address: str, known_browser: str | None) -> dict[str, str]:
    """What a try is counted by; hashed, so that the table names nobody."""
    if known_browser is not None:
        return {"browser": secret.digest(f"browser {known_browser} {email}")}
    account = {"account": secret.digest(f"account {email}")} if email else {}
    return account | {"address": secret.digest(f"address {_network(address)}")}


def _network(address: str) -> str:
    """One household of addresses: an IPv4 address, or the first 64 bits of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{parsed}/64", strict=False)) if parsed.version == 6 else str(parsed)
