"""Make teams and say who belongs to them."""

from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.invalid import InvalidField
from app.domain.text import one_line
from app.domain.timeline import Kind, Subject
from app.domain.words import TeamRole
from app.people.models import Membership, Team, User
from app.people.rights import Act, may
from app.people.taken import refused_if_taken
from app.timeline.record import record

LONGEST_NAME = 100
TAKEN = "There is a team of this name already."


def create_team(name: str, *, by: User | None, at: datetime, manager: User | None = None) -> Team:
    """A team works at once; what it lacks is a risk that readiness names. Raises InvalidField about `name`.

    A responder who makes one is its first manager: nothing else would let them fill it (L-ROL-04).
    """
    name = one_line(name, limit=LONGEST_NAME + 1)
    if not name or len(name) > LONGEST_NAME:
        raise InvalidField([("/name", f"A name, of at most {LONGEST_NAME} characters.")])
    if db.session.scalar(sa.select(Team.id).where(sa.func.lower(Team.name) == name.lower())) is not None:
        raise InvalidField([("/name", TAKEN)])
    team = Team(name=name, manager_id=None if manager is None else manager.id, created_at=at)
    with refused_if_taken(name=TAKEN):
        db.session.add(team)
    record(Kind.CREATED, Subject.TEAM, team.id, at=at, by=by, name=name)
    if by is not None and not may(by, Act.MANAGE_TEAM):
        add_member(team, by, by=by, at=at, role=TeamRole.MANAGER)
    return team


def add_member(
    team: Team, user: User, *, by: User | None, at: datetime, role: TeamRole = TeamRole.MEMBER
) -> Membership:
    """Put a person into a team, or change their role in it. The same again changes nothing.

    Raises InvalidField about `user_id` for somebody who has left or only looks on (L-ROL-05).
    """
    if not user.can_respond:
        why = f"{user.name} only looks on." if user.is_active else "This person has left."
        raise InvalidField([("/user_id", why)])
    membership = db.session.scalar(
        sa.select(Membership).where(Membership.team_id == team.id, Membership.user_id == user.id)
    )
    if membership is not None and membership.role == role:
        return membership
    if membership is None:
        membership = Membership(team_id=team.id, user_id=user.id, role=role)
        db.session.add(membership)
    membership.role = role
    db.session.flush()
    record(Kind.CHANGED, Subject.TEAM, team.id, at=at, by=by, member_id=user.id, role=str(role))
    return membership


def remove_member(team: Team, user: User, *, by: User | None, at: datetime) -> None:
    """End a membership, whatever schedules say: for those whose shifts are given away (oncall.leave_team)."""
    gone = sa.delete(Membership).where(Membership.team_id == team.id, Membership.user_id == user.id)
    if db.session.execute(gone.returning(Membership.id)).first() is not None:
        record(Kind.CHANGED, Subject.TEAM, team.id, at=at, by=by, member_id=user.id, role=None)
