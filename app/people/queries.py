"""Questions about people."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import joinedload, selectinload

from app.database import db
from app.domain.words import Role
from app.people.models import Membership, Organisation, Team, User
from app.people.ways_in import Passkey, ProviderAccount


def organisation() -> Organisation | None:
    """The one organisation; None until set-up names it."""
    return db.session.get(Organisation, 1)


def is_made_up() -> bool:
    """Whether this is the demo's organisation: marked on every page, and nothing of it leaves the machine."""
    found = organisation()
    return found is not None and found.is_demo


def mail_leaves() -> bool:
    """Whether mail leaves this installation: a server is named, and the organisation is not made up."""
    return current_app.config["settings"].smtp_url is not None and not is_made_up()


def telephone_leaves() -> bool:
    """Whether texts and calls leave this installation: a provider is named, and nobody is made up."""
    return current_app.config["settings"].twilio_account_sid is not None and not is_made_up()


def user_by_email(email: str) -> User | None:
    return db.session.scalar(sa.select(User).where(User.email == email.strip().lower()))


def has_an_administrator_who_can_sign_in() -> bool:
    """Whether anybody could let others in: by a password, a passkey or the provider."""
    has_a_key = sa.or_(
        User.password_hash.is_not(None),
        User.id.in_(sa.select(Passkey.user_id)),
        User.id.in_(sa.select(ProviderAccount.user_id)),
    )
    able = sa.select(User.id).where(
        User.role == Role.ADMINISTRATOR, User.is_active, User.locked_at.is_(None), has_a_key
    )
    return db.session.scalar(able.limit(1)) is not None


def administrators() -> Sequence[User]:
    """Everybody who is asked when nobody else is left, the longest here first."""
    return db.session.scalars(
        sa.select(User)
        .where(User.role == Role.ADMINISTRATOR, User.is_active, ~User.is_service)
        .order_by(User.id)
    ).all()


def active_users() -> Sequence[User]:
    return db.session.scalars(
        sa.select(User).where(User.is_active, ~User.is_service).order_by(User.name, User.id)
    ).all()


def responders() -> Sequence[User]:
    """Everybody who can be paged or put in command, by name."""
    rows = sa.select(User).where(User.is_active, ~User.is_service, User.role != Role.STAKEHOLDER)
    return db.session.scalars(rows.order_by(User.name, User.id)).all()


def teams() -> Sequence[Team]:
    """Every team by name, with its manager and members."""
    return db.session.scalars(
        sa.select(Team)
        .order_by(Team.name)
        .options(joinedload(Team.manager), selectinload(Team.memberships).joinedload(Membership.user))
    ).all()


def teams_like(text: str) -> Sequence[Team]:
    """Teams of which each word is in the name, the description, a tag or somebody's name."""
    words = text.casefold().split()
    return [team for team in teams() if all(word in _said_of_team(team) for word in words)]


def teams_of(user: User) -> Sequence[Team]:
    """The teams a person belongs to or manages, by name."""
    member_of = sa.select(Membership.team_id).where(Membership.user_id == user.id)
    return db.session.scalars(
        sa.select(Team).where(sa.or_(Team.id.in_(member_of), Team.manager_id == user.id)).order_by(Team.name)
    ).all()


def directory(text: str = "", role: Role | None = None) -> Sequence[User]:
    """Those who are here and match: each word of `text` is in their name, title, skills or a team's name."""
    people = sa.select(User).where(User.is_active, ~User.is_service).order_by(User.name, User.id)
    if role is not None:
        people = people.where(User.role == role)
    rows = db.session.scalars(people.options(selectinload(User.memberships).joinedload(Membership.team))).all()
    words = text.casefold().split()
    return [user for user in rows if all(word in _said_of(user) for word in words)]


def _said_of(user: User) -> str:
    teams = [membership.team.name for membership in user.memberships]
    return "\n".join([user.name, user.title, *user.skills, *teams]).casefold()


def _said_of_team(team: Team) -> str:
    people = [membership.user.name for membership in team.memberships]
    return "\n".join([team.name, team.description, *team.tags, *people]).casefold()
