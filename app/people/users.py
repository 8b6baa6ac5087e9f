"""Make and change people."""

import re
from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain import zone
from app.domain.invalid import InvalidField
from app.domain.text import one_line
from app.domain.timeline import Kind, Subject
from app.domain.words import Role
from app.people import passwords
from app.people.models import User
from app.people.taken import refused_if_taken
from app.timeline.record import record

LONGEST_EMAIL = 254
LONGEST_NAME = 100
TAKEN = "Somebody has this address already."
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def create_user(
    *,
    email: str,
    name: str,
    role: Role | str,
    time_zone: str,
    at: datetime,
    by: User | None = None,
    password_hash: str | None = None,
) -> User:
    """Add a person; without a password hash they cannot sign in yet. `by` is None at the command line.

    The hash is made beforehand, by `passwords.hashed`, since it takes long and a transaction must not. Raises
    InvalidField with a sentence for `email`, `name`, `role` or `time_zone`.
    """
    email, name = normal_email(email), name.strip()
    if errors := problems_with(email=email, name=name, role=role, time_zone=time_zone):
        raise InvalidField([(f"/{field}", sentence) for field, sentence in errors.items()])
    user = User(
        email=email, name=name, role=Role(role), time_zone=time_zone, password_hash=password_hash, created_at=at
    )
    with refused_if_taken(email=TAKEN):
        db.session.add(user)
    record(Kind.CREATED, Subject.USER, user.id, at=at, by=by, role=str(user.role))
    return user


def normal_email(email: str) -> str:
    """The form an address is kept and compared in."""
    return email.strip().lower()


def problems_with(*, email: str, name: str, role: Role | str, time_zone: str) -> dict[str, str]:
    """What keeps these from being a person, by field."""
    errors = {}
    if problem := email_problem(email):
        errors["email"] = problem
    elif db.session.scalar(sa.select(User.id).where(User.email == email)) is not None:
        errors["email"] = TAKEN
    if role not in Role.__members__.values():
        errors["role"] = f"One of {', '.join(Role)}."
    return errors | own_problems(name=name, time_zone=time_zone)


def own_problems(*, name: str, time_zone: str) -> dict[str, str]:
    """What is wrong with what people say of themselves, by field."""
    errors = {}
    if not name.strip() or len(name.strip()) > LONGEST_NAME:
        errors["name"] = f"A name, of at most {LONGEST_NAME} characters."
    if problem := zone_problem(time_zone):
        errors["time_zone"] = problem
    return errors


def email_problem(email: str) -> str | None:
    """Why this is no address, in words; None when it is."""
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        return "An address such as ada@example.org."
    return None


def zone_problem(time_zone: str) -> str | None:
    """Why this is no time zone, in words; None when it is."""
    try:
        zone.named(time_zone)
    except zone.UnknownZone as unknown:
        return f"{unknown}."
    return None


def change_own(user: User, *, name: str, time_zone: str, hide_lock_screen_text: bool, at: datetime) -> None:
    """What a person may change of themselves. Raises InvalidField about `name` or `time_zone`."""
    name = one_line(name, limit=LONGEST_NAME + 1)
    if errors := own_problems(name=name, time_zone=time_zone):
        raise InvalidField([(f"/{field}", sentence) for field, sentence in errors.items()])
    wanted = {"name": name, "time_zone": time_zone, "hide_lock_screen_text": hide_lock_screen_text}
    changed = sorted(column for column, value in wanted.items() if getattr(user, column) != value)
    for column in changed:
        setattr(user, column, wanted[column])
    if changed:
        record(Kind.CHANGED, Subject.USER, user.id, at=at, by=user, changed=changed)


def set_password(user: User, password_hash: str, *, by: User | None, at: datetime) -> None:
    """Change the way in; the hash comes from `passwords.hashed`. The person's other sessions end with it."""
    user.password_hash = password_hash
    record(Kind.CHANGED, Subject.USER, user.id, at=at, by=by, changed=["password"])


def password_problem(password: str, *, email: str, name: str) -> str | None:
    """Why this password will not do for this person, in words; None when it will."""
    return passwords.problem_with(password, email=normal_email(email), name=name.strip())
