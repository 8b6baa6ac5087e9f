"""Further addresses and numbers of a person. One is used only after a code that went there has come back."""

import hmac
import re
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from app.database import db
from app.domain.invalid import InvalidField
from app.domain.timeline import Kind, Subject
from app.domain.words import ContactKind
from app.people.models import ContactMethod, User
from app.people.taken import refused_if_taken
from app.people.users import LONGEST_EMAIL, normal_email
from app.timeline.models import Event
from app.timeline.record import record

CODE_LASTS = timedelta(minutes=15)
BETWEEN_CODES = timedelta(minutes=1)
MOST_CODES = 6  # in an hour, to all of a person's addresses together: a text costs money and wakes (SEC-38)
MOST_GUESSES = 5
MOST = 10
TAKEN = "You have this one already."
_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164


def add(user: User, kind: str, address: str, *, by: User, at: datetime) -> ContactMethod:
    """One more; not verified yet. Raises InvalidField about /kind or /address."""
    if kind not in ContactKind.__members__.values():
        raise InvalidField([("/kind", f"One of {', '.join(ContactKind)}.")])
    plain = _normal(ContactKind(kind), address)
    mine = sa.select(sa.func.count()).where(ContactMethod.user_id == user.id)
    if (db.session.scalar(mine) or 0) >= MOST:
        raise InvalidField([("/address", f"You have {MOST}. Remove one you no longer use.")])
    row = ContactMethod(user_id=user.id, kind=ContactKind(kind), address=plain, created_at=at)
    with refused_if_taken(address=TAKEN):
        db.session.add(row)
    record(Kind.CHANGED, Subject.USER, user.id, at=at, by=by, contact_added=row.id)
    return row


def new_code(row: ContactMethod, *, at: datetime) -> str:
    """A code of six digits to send there; the one before it is over. Raises InvalidField when too soon."""
    if _codes_since(row.user_id, at - timedelta(hours=1)) >= MOST_CODES:
        raise InvalidField([("/code", f"{MOST_CODES} codes in an hour are enough. Try again later.")])
    if row.code_sent_at is not None and at - row.code_sent_at < BETWEEN_CODES:
        raise InvalidField([("/code", "A code went out less than a minute ago. Look for it first.")])
    code = f"{secrets.randbelow(10**6):06}"
    row.code_hash, row.code_sent_at, row.code_guesses = _hash(row, code), at, 0
    record(Kind.CHANGED, Subject.USER, row.user_id, at=at, by=row.user, contact_code=row.id)
    return code


def verify(row: ContactMethod, code: str, *, by: User, at: datetime) -> bool:
    """Whether this was the code; then the address counts. Five guesses, a quarter of an hour; each counts."""
    if row.code_hash is None or row.code_sent_at is None or row.code_guesses >= MOST_GUESSES:
        return False
    row.code_guesses += 1
    if at - row.code_sent_at > CODE_LASTS or not hmac.compare_digest(_hash(row, code.strip()), row.code_hash):
        return False
    row.verified_at, row.code_hash = at, None
    record(Kind.CHANGED, Subject.USER, row.user_id, at=at, by=by, contact_verified=row.id)
    return True


def remove(row: ContactMethod, *, by: User, at: datetime) -> None:
    record(Kind.CHANGED, Subject.USER, row.user_id, at=at, by=by, contact_removed=row.id)
    db.session.delete(row)


def _codes_since(user_id: int, start: datetime) -> int:
    changes = sa.select(Event.data).where(
        Event.subject_kind == Subject.USER, Event.subject_id == user_id, Event.kind == Kind.CHANGED,
        Event.at > start,
    )  # fmt: skip
    return sum("contact_code" in facts for facts in db.session.scalars(changes))


def _normal(kind: ContactKind, address: str) -> str:
    if kind is ContactKind.EMAIL:
        email = normal_email(address)
        if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
            raise InvalidField([("/address", "An address such as ada@example.org.")])
        return email
    number = re.sub(r"[\s().-]", "", address)
    number = f"+{number[2:]}" if number.startswith("00") else number
    if not _PHONE.fullmatch(number):
        raise InvalidField([("/address", "A number with its country, such as +44 20 7946 0000.")])
    return number


def _hash(row: ContactMethod, code: str) -> str:
    """Six digits are soon guessed from a plain hash, so the installation's key goes in."""
    key = current_app.config["settings"].secret_key.encode()
    return hmac.new(key, f"contact:{row.id}:{row.address}:{code}".encode(), "sha256").hexdigest()
