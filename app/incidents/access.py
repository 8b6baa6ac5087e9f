"""Which alerts, services, pages and incidents a person sees and works: the one check of an object (SEC-16).

It sits on `people.rights`: managers and administrators see and work all; who responds sees and works what
belongs to the own teams, and whatever they were paged for, were given, raised, have taken, or work on in an
incident. Nothing here may hide an alert from whoever it paged. Lists ask in SQL, so a page of them is one
question.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from app.alerts.models import Alert, Integration, Service
from app.database import db
from app.domain.timeline import Subject
from app.domain.words import Attendance
from app.incidents.models import (
    Incident,
    IncidentAlert,
    IncidentMember,
    IncidentService,
    IncidentTask,
    IncidentTeam,
)
from app.paging.models import Page
from app.people.models import User
from app.people.rights import Act, may, teams_where

Clause = sa.ColumnElement[bool]


def alerts_seen_by(user: User) -> Clause:
    """The alerts a person may read."""
    return sa.true() if may(user, Act.SEE_ALL_TEAMS) else alerts_worked_by(user)


def alerts_worked_by(user: User) -> Clause:
    """The alerts a person may acknowledge and everything after."""
    if may(user, Act.RESPOND):
        return sa.true()
    if not may(user, Act.SEE_OPERATIONS):
        return sa.false()
    mine = teams_where(user, Act.RESPOND)
    return sa.or_(
        # of the own teams when it came in, or now that its service has moved
        Alert.team_id.in_(mine),
        Alert.service_id.in_(sa.select(Service.id).where(Service.team_id.in_(mine))),
        Alert.assigned_to_id == user.id,
        Alert.acknowledged_by_id == user.id,
        Alert.raised_by_id == user.id,
        # each list once for the whole question, not once an alert: a person has thousands of pages
        Alert.id.in_(
            sa.select(Page.subject_id)
            .where(Page.user_id == user.id, Page.subject_kind == str(Subject.ALERT))
            .correlate(None)
        ),
        Alert.id.in_(
            sa.select(IncidentAlert.alert_id).join(Incident).where(incidents_worked_by(user)).correlate(None)
        ),
    )  # fmt: skip


def incidents_seen_by(user: User) -> Clause:
    """The incidents a person may read: all, but for restricted ones, which are for who is in them and for
    administrators (S-82), and for removed ones.
    """
    there = Incident.removed_at.is_(None)
    if not may(user, Act.SEE_INCIDENTS):
        return sa.false()
    if may(user, Act.MANAGE_ORGANISATION):
        return there
    return sa.and_(
        there,
        sa.or_(
            ~Incident.is_restricted, Incident.commander_id == user.id, Incident.declared_by_id == user.id,
            Incident.id.in_(_in_which(user)),
        ),
    )  # fmt: skip


def incidents_worked_by(user: User) -> Clause:
    """The incidents a person may move on, of those they may read."""
    return sa.and_(incidents_seen_by(user), _worked(user))


def who_sees(incident: Incident, people: Iterable[User]) -> list[User]:
    """Those of these people who may read it."""
    if not incident.is_restricted and incident.removed_at is None:
        return list(people)
    return [person for person in people if may_see_incident(person, incident)]


def _in_which(user: User) -> sa.Select[int]:
    """The incidents that somebody was asked into, and has not said no to."""
    return sa.select(IncidentMember.incident_id).where(
        IncidentMember.user_id == user.id,
        IncidentMember.attendance.in_((Attendance.ASKED, Attendance.JOINED)),
    )


def _worked(user: User) -> Clause:
    if may(user, Act.RESPOND):
        return sa.true()
    if not may(user, Act.SEE_OPERATIONS):
        return sa.false()
    mine = teams_where(user, Act.RESPOND)
    services = sa.select(Service.id).where(Service.team_id.in_(mine))
    touched = sa.select(IncidentService.incident_id).where(IncidentService.service_id.in_(services))
    supported = sa.select(IncidentTeam.incident_id).where(IncidentTeam.team_id.in_(mine))
    given = sa.select(IncidentTask.incident_id).where(IncidentTask.team_id.in_(mine))
    return sa.or_(
        Incident.team_id.in_(mine),
        Incident.commander_id == user.id,
        Incident.declared_by_id == user.id,
        Incident.id.in_(touched),
        Incident.id.in_(supported),
        Incident.id.in_(given),
        Incident.id.in_(_in_which(user)),
    )


def services_seen_by(user: User) -> Clause:
    """The services a person may read, and with them their integrations."""
    if may(user, Act.SEE_ALL_TEAMS):
        return sa.true()
    if not may(user, Act.SEE_OPERATIONS):
        return sa.false()
    return Service.team_id.in_(teams_where(user, Act.RESPOND))


def integrations_seen_by(user: User) -> Clause:
    return Integration.service_id.in_(sa.select(Service.id).where(services_seen_by(user)))


def pages_seen_by(user: User) -> Clause:
    """One's own pages, and those about alerts one may read; none about an incident that one may not.

    What somebody was told besides is theirs: it may tell of a restricted incident.
    """
    if may(user, Act.SEE_ALL_TEAMS):
        hidden = sa.select(Incident.id).where(~incidents_seen_by(user)).correlate(None)
        of_hidden = sa.and_(Page.subject_kind == str(Subject.INCIDENT), Page.subject_id.in_(hidden))
        others = sa.or_(of_hidden, Page.subject_kind == str(Subject.NOTICE))
        return sa.or_(Page.user_id == user.id, ~others)
    if not may(user, Act.SEE_OPERATIONS):
        return sa.false()
    alerts = sa.select(Alert.id).where(alerts_seen_by(user)).correlate(None)
    return sa.or_(
        Page.user_id == user.id,
        sa.and_(Page.subject_kind == str(Subject.ALERT), Page.subject_id.in_(alerts)),
    )


def may_see(user: User, alert: Alert) -> bool:
    return _is_among(Alert.id, alert.id, alerts_seen_by(user))


def may_respond(user: User, alert: Alert) -> bool:
    return _is_among(Alert.id, alert.id, alerts_worked_by(user))


def may_see_service(user: User, service: Service) -> bool:
    return _is_among(Service.id, service.id, services_seen_by(user))


def may_see_incident(user: User, incident: Incident) -> bool:
    return may_see_incident_numbered(user, incident.id)


def may_see_incident_numbered(user: User, number: int) -> bool:
    """Whether there is such an incident for them."""
    return _is_among(Incident.id, number, incidents_seen_by(user))


def may_work(user: User, incident: Incident) -> bool:
    return _is_among(Incident.id, incident.id, incidents_worked_by(user))


def seen(user: User, numbers: Iterable[int]) -> frozenset[int]:
    """Those of several alerts that a person may read."""
    return _those(numbers, alerts_seen_by(user))


def worked(user: User, numbers: Iterable[int]) -> frozenset[int]:
    """Those of several alerts that a person may work."""
    return _those(numbers, alerts_worked_by(user))


def _those(numbers: Iterable[int], clause: Clause) -> frozenset[int]:
    return frozenset(db.session.scalars(sa.select(Alert.id).where(Alert.id.in_(list(numbers)), clause)))


def _is_among(column: sa.orm.InstrumentedAttribute[int], number: int, clause: Clause) -> bool:
    return db.session.scalar(sa.select(column).where(column == number, clause)) is not None
