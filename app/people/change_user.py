"""A person changes, leaves, or comes back."""

from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.invalid import InvalidField
from app.domain.text import one_line
from app.domain.timeline import Kind, Subject
from app.domain.words import Role
from app.people import sessions
from app.people.models import User
from app.people.users import LONGEST_EMAIL, LONGEST_NAME, normal_email, zone_problem
from app.timeline.record import record


def change_user(
    user: User,
    *,
    by: User,
    at: datetime,
    email: str | None = None,
    name: str | None = None,
    role: Role | None = None,
    time_zone: str | None = None,
) -> None:
    """Change what is given. Raises InvalidField, also when the last administrator would be none."""
    called = name and one_line(name, limit=LONGEST_NAME + 1)
    wanted = {"email": email and normal_email(email), "name": called, "time_zone": time_zone}
    wanted = {field: value for field, value in wanted.items() if value is not None}
    if errors := _problems(user, wanted):
        raise InvalidField([(f"/{field}", sentence) for field, sentence in errors.items()])
    if role is not None and role is not Role.ADMINISTRATOR:
        _keep_an_administrator(user, "role")
    for field, value in {**wanted, "role": role or user.role}.items():
        before = getattr(user, field)
        if before != value:
            setattr(user, field, value)
            record(
                Kind.CHANGED, Subject.USER, user.id, at=at, by=by,
                # a name, an address and where somebody lives are not for a log that never forgets
                **{"field": field} | ({} if field in wanted else {"from": str(before), "to": str(value)}),
            )  # fmt: skip


def let_go(user: User, *, by: User, at: datetime) -> None:
    """The person has left: no more pages, sessions or rights, from now. Their name stays in what happened."""
    if user.is_active:
        _keep_an_administrator(user, "is_active")
        user.is_active = False
        sessions.end_all(user)
        record(Kind.CHANGED, Subject.USER, user.id, at=at, by=by, field="is_active", to=False)


def lock_out(user: User, *, by: User, at: datetime) -> None:
    """Nobody signs in as this person, or is signed in as them, until `unlock` (L-USR-05). They are still paged,
    and acknowledge from the page: being shut out must not silence the pager.
    """
    if user.locked_at is None:
        _keep_an_administrator(user, "is_locked")
        user.locked_at = at
        sessions.end_all(user)
        record(Kind.CHANGED, Subject.USER, user.id, at=at, by=by, field="is_locked", to=True)


def unlock(user: User, *, by: User, at: datetime) -> None:
    """The person may sign in again. Twice is once."""
    if user.locked_at is not None:
        user.locked_at = None
        record(Kind.CHANGED, Subject.USER, user.id, at=at, by=by, field="is_locked", to=False)


def take_back(user: User, *, by: User, at: datetime) -> None:
    """The person is here again, with the role they had."""
    if not user.is_active:
        user.is_active = True
        record(Kind.CHANGED, Subject.USER, user.id, at=at, by=by, field="is_active", to=True)


def _problems(user: User, wanted: dict[str, str | None]) -> dict[str, str]:
    errors = {}
    email, name, time_zone = wanted.get("email"), wanted.get("name"), wanted.get("time_zone")
    if email is not None and (len(email) > LONGEST_EMAIL or "@" not in email):
        errors["email"] = "An address such as ada@example.org."
    elif email is not None and _taken(email, user):
        errors["email"] = "Somebody has this address already."
    if name is not None and len(name) > LONGEST_NAME:
        errors["name"] = f"A name, of at most {LONGEST_NAME} characters."
    if time_zone is not None and (problem := zone_problem(time_zone)):
        errors["time_zone"] = problem
    return errors


def _taken(email: str, user: User) -> bool:
    return db.session.scalar(sa.select(User.id).where(User.email == email, User.id != user.id)) is not None


def _keep_an_administrator(user: User, field: str) -> None:
    """Somebody must be left who can let people in, and whom the last resort pages.

    Every administrator is locked, in one order: of two who demote each other at once the second waits, and then
    finds the first gone (on SQLite there is one writer anyway).
    """
    all_of_them = sa.select(User.id).where(
        User.role == Role.ADMINISTRATOR, User.is_active, ~User.is_service, User.locked_at.is_(None)
    )
    ids = set(db.session.scalars(all_of_them.order_by(User.id).with_for_update()))
    if ids == {user.id}:
        raise InvalidField([(f"/{field}", "This is the last administrator. Make somebody else one first.")])
