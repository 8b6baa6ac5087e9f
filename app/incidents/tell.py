"""Tell the people of an incident what has changed: its teams, and whoever commands it."""

from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.notice import NoticeEvent
from app.domain.words import NoticeCategory
from app.incidents.models import Incident
from app.notices.post import post
from app.people.models import Membership, Team, User


def it_is_declared(incident: Incident, *, by: User, at: datetime) -> None:
    """The incident's team and those of its services hear of it."""
    _tell(
        incident, NoticeEvent.INCIDENT_DECLARED, _teams_people(incident), by=by, at=at,
        title=f"{incident.severity.upper()} declared: {incident.title}",
        body=f"{by.name} commands it.",
    )  # fmt: skip


def it_moved(incident: Incident, *, by: User | None, at: datetime) -> None:
    """It has another status. `by` is None when time alone closed it."""
    status = incident.status.replace("_", " ")
    people = _teams_people(incident) + ([incident.commander] if incident.commander else [])
    _tell(
        incident, NoticeEvent.INCIDENT_STATUS, people, by=by, at=at, title=f"Now {status}: {incident.title}",
        body=f"Incident {incident.number} is {status}." + (f" {by.name} said so." if by else ""),
    )  # fmt: skip


def command_is_yours(incident: Incident, *, to: User, by: User, at: datetime) -> None:
    _tell(
        incident, NoticeEvent.COMMAND_GIVEN, [to], by=by, at=at, title=f"You command: {incident.title}",
        body=f"{by.name} handed incident {incident.number} over to you.",
    )  # fmt: skip


def _tell(
    incident: Incident,
    event: NoticeEvent,
    people: list[User],
    *,
    by: User | None,
    at: datetime,
    title: str,
    body: str,
) -> None:
    link = f"/incidents/{incident.number}"
    post(NoticeCategory.INCIDENTS, event, to=people, by=by, title=title, body=body, link=link, at=at)


def _teams_people(incident: Incident) -> list[User]:
    """Members and managers of the teams it concerns."""
    teams = {service.team_id for service in incident.services} | {incident.team_id}
    member_of = sa.select(Membership.user_id).where(Membership.team_id.in_(teams))
    manages = sa.select(Team.manager_id).where(Team.id.in_(teams))
    either = sa.or_(User.id.in_(member_of), User.id.in_(manages))
    return list(db.session.scalars(sa.select(User).where(either, User.is_active).order_by(User.id)))
