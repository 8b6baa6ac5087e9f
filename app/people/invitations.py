"""Ask people in, by address: invite, send again, take back, accept (L-USR-01, L-USR-02)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain import invitation as rules
from app.domain.invalid import Faults, InvalidField
from app.domain.timeline import Kind, Subject
from app.domain.words import Role, TeamRole
from app.people import change_user, queries, rights, secret, teams, users, ways
from app.people.models import Team, User
from app.people.taken import refused_if_taken
from app.people.ways_in import Invitation
from app.timeline.record import record

TAKEN = "Somebody invited this address in the same moment. Look at the list."


@dataclass(frozen=True)
class Sent:
    """An invitation and the only copy of its link's token."""

    invitation: Invitation
    token: str


@dataclass(frozen=True)
class Summary:
    """What became of each address. `waiting` were invited before and keep that role."""

    invited: list[Sent] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    waiting: list[Invitation] = field(default_factory=list)


def addresses_in(text: str) -> list[str]:
    """The addresses somebody typed or pasted, separated by commas, semicolons, spaces or lines; each once."""
    parts = text.replace(",", " ").replace(";", " ").split()
    return list(dict.fromkeys(users.normal_email(part) for part in parts))


def invite(
    emails: Sequence[str],
    *,
    role: Role | str,
    by: User,
    at: datetime,
    team: Team | None = None,
    team_role: TeamRole = TeamRole.MEMBER,
) -> Summary:
    """Ask these people in, with one role. Whoever has joined is skipped; whoever is invited already keeps the
    role of their first invitation (L-USR-02).

    Raises InvalidField about `emails`, `role` or `team_id`, and NotAllowed for somebody else's team.
    """
    faults = Faults()
    role = _role(role, by, faults)
    emails = list(dict.fromkeys(users.normal_email(email) for email in emails))
    for email in emails:
        if problem := users.email_problem(email):
            faults.add("/emails", f"{email[:80]}: {problem}")
    if not emails:
        faults.add("/emails", "At least one address.")
    if len(emails) > rules.MOST_AT_ONCE:
        faults.add("/emails", f"At most {rules.MOST_AT_ONCE} addresses at once.")
    if team is not None and role == Role.STAKEHOLDER:
        faults.add("/team_id", "A stakeholder belongs to no team.")
    faults.stop_if_any()
    if team is not None:
        rights.require(by, rights.Act.MANAGE_TEAM, team_id=team.id)
    summary = Summary()
    for email in emails:
        if (known := queries.user_by_email(email)) is not None and known.is_active:
            summary.joined.append(email)
        elif (before := open_for(email)) is not None:
            summary.waiting.append(before)
        else:
            summary.invited.append(_add(email, Role(role), team, team_role, by=by, at=at))
    return summary


def send_again(invitation: Invitation, *, by: User, at: datetime) -> Sent:
    """A new link for seven more days; the one before is over. Raises NotAllowed, as `take_back`."""
    _require(by, invitation)
    token = secret.new()
    invitation.token_hash, invitation.sent_at = secret.digest(token), at
    invitation.expires_at = at + rules.LASTS
    record(Kind.CHANGED, Subject.INVITATION, invitation.id, at=at, by=by, field="sent_at")
    return Sent(invitation, token)


def take_back(invitation: Invitation, *, by: User, at: datetime) -> None:
    """The link opens nothing from now on. Twice is once. Raises NotAllowed unless `by` sent it, or handles
    everybody's.
    """
    _require(by, invitation)
    if invitation.closed_at is None:
        invitation.closed_at = at
        record(Kind.DELETED, Subject.INVITATION, invitation.id, at=at, by=by)


def find(token: str, *, at: datetime) -> Invitation | None:
    """The open invitation of a link; None when it is unknown, used, taken back or its days are over."""
    found = db.session.scalar(_with_names().where(Invitation.token_hash == secret.digest(token)))
    return found if found is not None and _still_holds(found, at) else None


def was_made(token: str) -> bool:
    """Whether this link ever opened something: it was ours, whatever became of it."""
    made = sa.select(Invitation.id).where(Invitation.token_hash == secret.digest(token))
    return db.session.scalar(made) is not None


def find_by_email(email: str, *, at: datetime) -> Invitation | None:
    """The open invitation of an address that somebody else has proven to be theirs."""
    found = open_for(users.normal_email(email))
    return found if found is not None and _still_holds(found, at) else None


def open_for(email: str) -> Invitation | None:
    """The invitation this address has not accepted, in its days or not."""
    return db.session.scalar(
        _with_names().where(Invitation.email == email, Invitation.closed_at.is_(None)).with_for_update(
            of=Invitation
        )
    )  # fmt: skip


def may_handle(by: User, invitation: Invitation) -> bool:
    """Whether `by` may renew or take it back: who sent it, and managers up to their own role."""
    return invitation.role in rules.roles_to_give(by.role) and rights.may_with_own(
        by, rights.Act.HANDLE_INVITATIONS, owner_id=invitation.invited_by_id
    )


def waiting_for(by: User) -> sa.Select[Invitation]:
    """Those neither accepted nor taken back that `by` may see: they give no more than `by` could give."""
    return _with_names().where(
        Invitation.closed_at.is_(None), Invitation.role.in_(rules.roles_to_give(by.role))
    )


def accept(
    token: str, *, name: str, time_zone: str, at: datetime, password_hash: str | None = None
) -> User | None:
    """The person is here: with the role and the team they were asked into. None when the link is over.

    The link's holder has shown that the address is theirs. Somebody who left before comes back as who they
    were, with the role of the invitation and no old way in. Raises InvalidField about `name` or `time_zone`.
    """
    invitation = find(token, at=at)
    if invitation is None:
        return None
    return let_in(invitation, name=name, time_zone=time_zone, at=at, password_hash=password_hash)


def let_in(
    invitation: Invitation, *, name: str, time_zone: str, at: datetime, password_hash: str | None = None
) -> User | None:
    """The same for an open invitation whose address was proven otherwise."""
    if problems := users.own_problems(name=name, time_zone=time_zone):
        raise InvalidField([(f"/{field}", sentence) for field, sentence in problems.items()])
    taken = (
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.closed_at.is_(None))
        .values(closed_at=at)
        .returning(Invitation.id)
    )
    if db.session.execute(taken).first() is None:
        return None
    user = queries.user_by_email(invitation.email)
    if user is None:
        user = users.create_user(
            email=invitation.email, name=name, role=invitation.role, time_zone=time_zone,
            password_hash=password_hash, at=at,
        )  # fmt: skip
    elif user.is_active:  # made by an administrator meanwhile; that one is not taken over by a link
        return None
    else:
        ways.forget_all(user)
        change_user.take_back(user, by=invitation.invited_by, at=at)
        user.name, user.role, user.time_zone = name.strip(), invitation.role, time_zone
        user.password_hash = password_hash
    db.session.refresh(invitation)
    invitation.user_id = user.id
    if invitation.team is not None:
        teams.add_member(
            invitation.team, user, by=invitation.invited_by, at=at, role=invitation.team_role or TeamRole.MEMBER
        )
    record(Kind.CHANGED, Subject.INVITATION, invitation.id, at=at, by=user, field="user_id", to=user.id)
    return user


def _add(email: str, role: Role, team: Team | None, team_role: TeamRole, *, by: User, at: datetime) -> Sent:
    token = secret.new()
    invitation = Invitation(
        email=email, role=role, team_id=team and team.id, team_role=team_role if team else None,
        token_hash=secret.digest(token), invited_by_id=by.id, created_at=at, sent_at=at,
        expires_at=at + rules.LASTS,
    )  # fmt: skip
    with refused_if_taken(emails=TAKEN):
        db.session.add(invitation)
    # no address: the log outlives a person who is forgotten
    record(
        Kind.CREATED, Subject.INVITATION, invitation.id, at=at, by=by, role=str(role), team_id=team and team.id
    )
    return Sent(invitation, token)


def _require(by: User, invitation: Invitation) -> None:
    if not may_handle(by, invitation):
        raise rights.NotAllowed(
            "Only who sent an invitation may do this, and managers and administrators up to their own role."
        )


def _role(role: Role | str, by: User, faults: Faults) -> Role:
    if role not in Role.__members__.values():
        faults.add("/role", f"One of {', '.join(Role)}.")
        return Role.STAKEHOLDER
    if Role(role) not in rules.roles_to_give(by.role):
        faults.add("/role", f"You may invite up to your own role, {by.role}.")
    return Role(role)


def _still_holds(invitation: Invitation, at: datetime) -> bool:
    """Its days are not over, and whoever asked is still here: an invitation gives what its giver has."""
    giver = invitation.invited_by
    if not rules.is_open(closed_at=invitation.closed_at, expires_at=invitation.expires_at, now=at):
        return False
    return giver.is_active and giver.locked_at is None and invitation.role in rules.roles_to_give(giver.role)


def _with_names() -> sa.Select[Invitation]:
    return sa.select(Invitation).options(joinedload(Invitation.invited_by), joinedload(Invitation.team))
