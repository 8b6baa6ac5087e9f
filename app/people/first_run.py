"""The one-time link that makes the first administrator: no default password, nothing to guess (SEC-36)."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.domain.invalid import InvalidField
from app.domain.timeline import Kind, Subject
from app.domain.words import Role
from app.people import queries, secret, users
from app.people.models import Organisation, SignInLink, User
from app.timeline.record import record

PURPOSE = "first_run"
LASTS = timedelta(days=1)
LONGEST_NAME = 100


def first_run_link(base_url: str, at: datetime) -> str | None:
    """The address that makes the first administrator, to be printed on the console; None when there is one who
    can sign in. Only the newest link works. Needs a transaction.
    """
    if queries.has_an_administrator_who_can_sign_in():
        return None
    db.session.execute(sa.delete(SignInLink).where(SignInLink.purpose == PURPOSE, SignInLink.used_at.is_(None)))
    token = secret.new()
    db.session.add(
        SignInLink(token_hash=secret.digest(token), purpose=PURPOSE, created_at=at, expires_at=at + LASTS)
    )
    return f"{base_url}/welcome/{token}"


def is_open(token: str, *, at: datetime) -> bool:
    """Whether the link still makes an administrator. Looking does not use it up: previewers look too."""
    link = _find(token)
    good = link is not None and link.used_at is None and at < link.expires_at
    return good and not queries.has_an_administrator_who_can_sign_in()


def finish(
    token: str,
    *,
    organisation: str,
    name: str,
    email: str,
    time_zone: str,
    password_hash: str | None = None,
    at: datetime,
) -> User | None:
    """Name the organisation and make its first administrator; None when the link is over or was used before.
    Without a password hash the edge adds a passkey in the same transaction.

    Two taps, or two people with the link, make one administrator. Raises InvalidField, and the link
    stays good. An organisation that exists already, as the demo's does, keeps its name.
    """
    if not is_open(token, at=at):
        return None
    if errors := problems_with(organisation=organisation, name=name, email=email, time_zone=time_zone):
        raise InvalidField([(f"/{field}", sentence) for field, sentence in errors.items()])
    used = (
        sa.update(SignInLink)
        .where(SignInLink.token_hash == secret.digest(token), SignInLink.used_at.is_(None))
        .values(used_at=at)
        .returning(SignInLink.id)
    )
    if db.session.execute(used).first() is None:
        return None
    user = users.create_user(
        email=email, name=name, role=Role.ADMINISTRATOR, time_zone=time_zone, password_hash=password_hash, at=at
    )
    if queries.organisation() is None:
        db.session.add(Organisation(id=1, name=organisation.strip(), time_zone=time_zone, created_at=at))
        record(Kind.CREATED, Subject.ORGANISATION, 1, at=at, by=user, name=organisation.strip())
    return user


def problems_with(*, organisation: str, name: str, email: str, time_zone: str) -> dict[str, str]:
    """What keeps these from being an organisation and its administrator, by field."""
    errors = users.problems_with(
        email=users.normal_email(email), name=name.strip(), role=Role.ADMINISTRATOR, time_zone=time_zone
    )
    if queries.organisation() is None and not 0 < len(organisation.strip()) <= LONGEST_NAME:
        errors["organisation"] = f"A name, of at most {LONGEST_NAME} characters."
    return errors


def _find(token: str) -> SignInLink | None:
    return db.session.scalar(
        sa.select(SignInLink).where(
            SignInLink.token_hash == secret.digest(token), SignInLink.purpose == PURPOSE
        )
    )
