"""Bring people in: ask somebody or a team, accept or decline, and who is scribe and communications (S-24)."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.domain.assembly import HELD_BY_ONE, attendance_after
from app.domain.lifecycle import InvalidTransition
from app.domain.timeline import Kind, Subject
from app.domain.words import Attendance, IncidentRole
from app.incidents import tell
from app.incidents.models import Incident, IncidentMember
from app.oncall.queries import explain, on_call_board, paged
from app.paging.cancel import mark_acknowledged
from app.people.models import Team, User
from app.people.rights import Act, may
from app.timeline.record import record

ASKED_FOR = timedelta(hours=1)  # after that a phone that was off need not ring for it any more


def ask(
    incident: Incident, user: User, *, by: User | None, at: datetime, role: IncidentRole | None = None,
    team: Team | None = None,
) -> None:  # fmt: skip
    """Ask somebody in; their phone rings. Again, while the answer is out or yes, only changes their role.

    `by` is None where a response rule asks.
    """
    _may_come(incident, user)
    if by is not None and user.id == by.id:
        return join(incident, by=by, at=at, role=role)
    member = member_of(incident, user)
    if member is not None and member.attendance in (Attendance.ASKED, Attendance.JOINED):
        if role is not None:
            give_role(incident, user, role, by=by, at=at)
        return None
    if role in HELD_BY_ONE:
        _free(incident, role, by=by, at=at)
    if member is None:
        member = _added(incident, user, at=at)
    member.role, member.attendance = role or IncidentRole.RESPONDER, Attendance.ASKED
    member.asked_at, member.asked_by_id, member.answered_at = at, None if by is None else by.id, None
    member.team_id = None if team is None else team.id
    incident.updated_at = at
    record(Kind.ASKED, Subject.INCIDENT, incident.id, at=at, by=by, user_id=user.id, role=member.role)
    db.session.flush()
    tell.you_are_asked(incident, member, by=by, until=at + ASKED_FOR, at=at)
    return None


def ask_team(
    incident: Incident, team: Team, *, by: User | None, at: datetime, rule: str | None = None
) -> list[User]:
    """A team supports the incident: who has its pager is asked in, else its manager (L-INC-05). Says who.

    `by` is None where the response rule `rule` asks.
    """
    if team not in incident.supporting_teams and team.id != incident.team_id:
        incident.supporting_teams.append(team)
        facts = {} if rule is None else {"rule": rule}
        record(
            Kind.TEAM_ADDED,
            Subject.INCIDENT,
            incident.id,
            at=at,
            by=by,
            team_id=team.id,
            team=team.name,
            **facts,
        )
    people = primaries(team, at)
    for person in people:
        ask(incident, person, by=by, at=at, team=team)
    return people


def answer(incident: Incident, said: Attendance, *, by: User, at: datetime) -> None:
    """What somebody who was asked says: they come, they cannot, they leave. The same again changes nothing."""
    if said is Attendance.JOINED:
        return join(incident, by=by, at=at)
    member = member_of(incident, by)
    after = attendance_after(None if member is None else member.attendance, said)
    if member is None or member.attendance is after:
        return None
    if incident.commander_id == by.id:
        raise InvalidTransition("You command this incident. Hand it over first.")
    member.attendance, member.answered_at, incident.updated_at = after, at, at
    mark_acknowledged(Subject.INCIDENT, incident.id, run=0, user_id=by.id)
    kind = Kind.DECLINED if after is Attendance.DECLINED else Kind.LEFT
    record(kind, Subject.INCIDENT, incident.id, at=at, by=by)
    if after is Attendance.DECLINED:
        tell.somebody_cannot_come(incident, member, by=by, at=at)
    return None


def join(incident: Incident, *, by: User, at: datetime, role: IncidentRole | None = None) -> None:
    """I am on it, asked or not."""
    _may_come(incident, by)
    member = member_of(incident, by)
    if member is None or not member.is_there:
        put_in(incident, by, at=at)
        mark_acknowledged(Subject.INCIDENT, incident.id, run=0, user_id=by.id)
        record(Kind.JOINED, Subject.INCIDENT, incident.id, at=at, by=by)
    if role is not None:
        give_role(incident, by, role, by=by, at=at)


def put_in(incident: Incident, user: User, *, at: datetime) -> IncidentMember:
    """They are there, without a word in the timeline: the caller's event says it."""
    member = member_of(incident, user) or _added(incident, user, at=at)
    if not member.is_there:
        if member.role in HELD_BY_ONE and member.attendance is not Attendance.ASKED:
            member.role = IncidentRole.RESPONDER  # somebody else may have it by now
        member.attendance, member.answered_at = Attendance.JOINED, at
    incident.updated_at = at
    db.session.flush()
    return member


def give_role(incident: Incident, user: User, role: IncidentRole, *, by: User | None, at: datetime) -> None:
    """One scribe and one communications at a time: who had it before is a responder again."""
    member = member_of(incident, user)
    if member is None or member.attendance not in (Attendance.ASKED, Attendance.JOINED):
        raise InvalidTransition(f"{user.name} is not in this incident. Ask them in first.")
    if member.role is role:
        return
    if role in HELD_BY_ONE:
        _free(incident, role, by=by, at=at)
    member.role, incident.updated_at = role, at
    db.session.flush()
    record(Kind.ROLE_GIVEN, Subject.INCIDENT, incident.id, at=at, by=by, user_id=user.id, role=role)


def member_of(incident: Incident, user: User) -> IncidentMember | None:
    return db.session.scalars(
        sa.select(IncidentMember).where(
            IncidentMember.incident_id == incident.id, IncidentMember.user_id == user.id
        )
    ).one_or_none()


def holder(incident: Incident, role: IncidentRole) -> IncidentMember | None:
    """Who is scribe, or communications: asked or there. None while nobody is."""
    return next(
        (
            m
            for m in incident.members
            if m.role is role and m.attendance in (Attendance.ASKED, Attendance.JOINED)
        ),
        None,
    )


def primaries(team: Team, at: datetime) -> list[User]:
    """Who has the pager of any of a team's schedules, else its manager."""
    ids = [
        person.user_id
        for row in on_call_board(at)
        if row.schedule.team_id == team.id
        for person in paged(row.people)
    ]
    people = [db.session.get_one(User, number) for number in dict.fromkeys(ids)]
    return people or ([team.manager] if team.manager is not None and team.manager.is_active else [])


def experts(incident: Incident, at: datetime) -> list[tuple[str, User]]:
    """Per service of the incident, who is on call for it now (S-20): its name and the person."""
    found: dict[int, tuple[str, User]] = {}
    for service in incident.services:
        first = explain(service.escalation_policy, at).asks[:1]
        for person, _ in first[0].people if first else ():
            found.setdefault(person.id, (service.name, person))
    return list(found.values())


def _added(incident: Incident, user: User, *, at: datetime) -> IncidentMember:
    member = IncidentMember(
        incident_id=incident.id, user_id=user.id, user=user, role=IncidentRole.RESPONDER,
        attendance=Attendance.LEFT, asked_at=at,
    )  # fmt: skip
    incident.members.append(member)
    return member


def _free(incident: Incident, role: IncidentRole, *, by: User | None, at: datetime) -> None:
    before = holder(incident, role)
    if before is not None:
        give_role(incident, before.user, IncidentRole.RESPONDER, by=by, at=at)


def _may_come(incident: Incident, user: User) -> None:
    if not incident.is_open:
        raise InvalidTransition("This incident is over. Reopen it to bring people in.")
    if not user.is_active:
        raise InvalidTransition(f"{user.name} has left.")
    if not may(user, Act.SEE_OPERATIONS):
        raise InvalidTransition(f"{user.name} only looks on. They can follow the live page.")
