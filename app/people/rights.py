"""Who may do what: the one policy. Whatever no table names is refused.

A role in the organisation counts everywhere, a role in a team only there. Who responds sees and works what
belongs to the own teams; which alerts, services and incidents those are is in `app/incidents/access.py`, which
also adds whatever somebody was paged for. Rights are read when they are used, so a change of role holds at once
(SEC-17).
"""

from collections.abc import Mapping
from enum import StrEnum

import sqlalchemy as sa

from app.database import db
from app.domain.words import Role, TeamRole
from app.people.models import Membership, Organisation, Team, User


class Act(StrEnum):
    """What a person may wish to do."""

    SEE_INCIDENTS = "see_incidents"
    INVITE = "invite"  # others, up to the own role (L-USR-01)
    HANDLE_INVITATIONS = "handle_invitations"  # renew or take back what somebody else sent
    SEE_ON_CALL = "see_on_call"  # who has the pager
    SEE_OPERATIONS = "see_operations"  # schedules, policies, and what of alerts, services, trends is one's own
    SEE_ALL_TEAMS = "see_all_teams"  # alerts, pages, services and trends of every team
    RESPOND = "respond"  # acknowledge, snooze, reassign, escalate, resolve, note, promote; run incidents
    PAGE_A_PERSON = "page_a_person"
    COVER_SELF = "cover_self"  # my own time off; override or swap my own hours
    COVER_OTHERS = "cover_others"  # arrange a change to somebody else's hours
    APPROVE_COVER = "approve_cover"  # say yes or no to a change that two have agreed on
    EDIT_SERVICES = "edit_services"  # services, and integrations with their keys
    EDIT_ON_CALL = "edit_on_call"  # edit rotations: schedules, and escalation policies
    MANAGE_TEAM = "manage_team"  # its name and its members
    CREATE_TEAMS = "create_teams"  # whoever makes one manages it
    SET_UP = "set_up"  # walk through the first set-up, which shows every team
    DELETE_INCIDENTS = "delete_incidents"
    MANAGE_PEOPLE = "manage_people"  # users, their roles, other people's tokens
    MANAGE_ORGANISATION = "manage_organisation"  # its name and zone, the audit log, health


class Scope(StrEnum):
    """What a token may do at most; its person's role always limits it further."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


_STAKEHOLDER = frozenset({Act.SEE_INCIDENTS, Act.INVITE, Act.SEE_ON_CALL})
_RESPONDER = _STAKEHOLDER | {Act.SEE_OPERATIONS, Act.PAGE_A_PERSON, Act.COVER_SELF, Act.CREATE_TEAMS}
_MANAGER = _RESPONDER | {
    Act.SEE_ALL_TEAMS, Act.RESPOND, Act.COVER_OTHERS, Act.APPROVE_COVER, Act.EDIT_SERVICES, Act.EDIT_ON_CALL,
    Act.MANAGE_TEAM, Act.SET_UP, Act.HANDLE_INVITATIONS,
}  # fmt: skip
_ADMINISTRATOR = _MANAGER | {Act.DELETE_INCIDENTS, Act.MANAGE_PEOPLE, Act.MANAGE_ORGANISATION}

ADMINISTRATIVE = frozenset({Act.MANAGE_PEOPLE, Act.MANAGE_ORGANISATION})  # these want a recent proof (SEC-10)

ANYWHERE: Mapping[Role, frozenset[Act]] = {
    Role.STAKEHOLDER: _STAKEHOLDER,
    Role.RESPONDER: _RESPONDER,
    Role.MANAGER: _MANAGER,
    Role.ADMINISTRATOR: _ADMINISTRATOR,
}
IN_THE_TEAM: Mapping[TeamRole, frozenset[Act]] = {
    TeamRole.MEMBER: frozenset({Act.RESPOND, Act.EDIT_SERVICES}),
    TeamRole.MANAGER: frozenset(
        {
            Act.RESPOND,
            Act.EDIT_SERVICES,
            Act.EDIT_ON_CALL,
            Act.COVER_OTHERS,
            Act.APPROVE_COVER,
            Act.MANAGE_TEAM,
        }
    ),
}
SCOPES: Mapping[Role, frozenset[Scope]] = {
    Role.STAKEHOLDER: frozenset({Scope.READ}),
    Role.RESPONDER: frozenset({Scope.READ, Scope.WRITE}),
    Role.MANAGER: frozenset({Scope.READ, Scope.WRITE}),
    Role.ADMINISTRATOR: frozenset({Scope.READ, Scope.WRITE, Scope.ADMIN}),
}


class NotAllowed(Exception):
    """This person may not do that; the message says who may, in a sentence a human can read."""


def may(user: User | None, act: str, *, team_id: int | None = None) -> bool:
    """Whether `user` may do `act`, to something of the team `team_id` where it belongs to one.

    Nobody, a person who has left, and an act that is not in the tables are refused. A stakeholder's membership
    of a team adds nothing: that role only looks on. The organisation may open reading, and no more, to all who
    respond.
    """
    if user is None or not user.is_active or act not in Act.__members__.values():
        return False
    act = Act(act)
    if act in ANYWHERE[user.role]:
        return True
    if act is Act.SEE_ALL_TEAMS and user.role == Role.RESPONDER:
        organisation = db.session.get(Organisation, 1)
        return organisation is not None and organisation.is_reading_open
    if team_id is None or user.role == Role.STAKEHOLDER:
        return False
    role = team_role(user, team_id)
    return role is not None and act in IN_THE_TEAM[role]


def require(user: User | None, act: str, *, team_id: int | None = None) -> None:
    """Raises NotAllowed, with a sentence about who may, unless `user` may do `act`."""
    if not may(user, act, team_id=team_id):
        raise NotAllowed(who_may(act))


def may_with_own(user: User | None, act: str, *, owner_id: int) -> bool:
    """Whether `user` may do `act` to something of the person `owner_id`: to one's own without it."""
    return user is not None and user.is_active and (user.id == owner_id or may(user, act))


def team_role(user: User, team_id: int) -> TeamRole | None:
    """The role in a team, as the rows say now. The team's named manager is one without a membership, too."""
    if db.session.scalar(sa.select(Team.manager_id).where(Team.id == team_id)) == user.id:
        return TeamRole.MANAGER
    return db.session.scalar(
        sa.select(Membership.role).where(Membership.team_id == team_id, Membership.user_id == user.id)
    )


def teams_where(user: User, act: Act) -> frozenset[int]:
    """The ids of the teams in which the person's role there lets them do `act`."""
    if not user.is_active or user.role == Role.STAKEHOLDER:
        return frozenset()
    roles = [role for role in TeamRole if act in IN_THE_TEAM[role]]
    member = sa.select(Membership.team_id).where(Membership.user_id == user.id, Membership.role.in_(roles))
    manager = sa.select(Team.id).where(Team.manager_id == user.id, sa.literal(TeamRole.MANAGER in roles))
    return frozenset(db.session.scalars(sa.union(member, manager)))


def who_may(act: str) -> str:
    """A sentence for whoever was refused."""
    roles = [f"{role}s" for role in Role if act in ANYWHERE[role]]
    teams = [f"the team's {role}s" for role in TeamRole if act in IN_THE_TEAM[role]]
    if not roles:
        return "Nobody may do this."
    who = roles + teams
    words = who[0] if len(who) == 1 else f"{', '.join(who[:-1])} and {who[-1]}"
    return f"Only {words} may do this."
