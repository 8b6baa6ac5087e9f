"""Tell the people of an incident what has changed: its teams, and whoever commands it."""

from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.notice import NoticeEvent
from app.domain.timeline import Subject
from app.domain.words import NoticeCategory, Urgency
from app.domain.zone import named, short
from app.incidents import access, watch
from app.incidents.models import FixOption, Incident, IncidentMember, IncidentRoom, IncidentUpdate
from app.notices.post import post
from app.paging.methods import devices_of
from app.paging.page import Message, Place, page_user
from app.paging.queries import pages_about
from app.people.models import Membership, Team, User


def it_is_declared(incident: Incident, *, by: User | None, at: datetime) -> None:
    """The incident's team and those of its services hear of it."""
    _tell(
        incident, NoticeEvent.INCIDENT_DECLARED, teams_people(incident), by=by, at=at,
        title=f"{incident.severity.upper()} declared: {incident.title}",
        body="Nobody leads yet." if incident.commander is None else f"{incident.commander.name} commands it.",
    )  # fmt: skip


def it_moved(incident: Incident, *, by: User | None, at: datetime) -> None:
    """It has another status. `by` is None when time alone closed it."""
    status = incident.status.replace("_", " ")
    people = [*teams_people(incident), *filter(None, [incident.commander]), *watch.watchers(incident)]
    _tell(
        incident, NoticeEvent.INCIDENT_STATUS, people, by=by, at=at, title=f"Now {status}: {incident.title}",
        body=f"Incident {incident.number} is {status}." + (f" {by.name} said so." if by else ""),
    )  # fmt: skip


def it_says_something_else(incident: Incident, what: str, *, by: User, at: datetime) -> None:
    """A field changed: whoever is in it, commands it or follows it hears what it says now (L-INC-11)."""
    there = [each.user for each in incident.members if each.is_there]
    _tell(
        incident, NoticeEvent.INCIDENT_STATUS,
        [*there, *filter(None, [incident.commander]), *watch.watchers(incident)], by=by, at=at,
        title=f"{what}: {incident.title}", body=f"{by.name} changed it in incident {incident.number}.",
    )  # fmt: skip


def command_is_yours(incident: Incident, *, to: User, by: User, at: datetime) -> None:
    _tell(
        incident, NoticeEvent.COMMAND_GIVEN, [to], by=by, at=at, title=f"You command: {incident.title}",
        body=f"{by.name} handed incident {incident.number} over to you.",
    )  # fmt: skip


def you_are_asked(
    incident: Incident, member: IncidentMember, *, by: User | None, until: datetime, at: datetime
) -> None:
    """Their phone rings as for an alert. Where nothing can ring, the notice is mailed."""
    who = "A response rule" if by is None else by.name
    title = f"{who} asks you: {incident.title}"
    body = f"{incident.severity.upper()}, incident {incident.number}. Acknowledge to say that you are on it."
    _tell(incident, NoticeEvent.INCIDENT_ASKED, [member.user], by=by, at=at, title=title, body=body)
    if devices_of(member.user_id):
        page_user(
            member.user, Message(title, body, Urgency.HIGH),
            Place(Subject.INCIDENT, incident.id, reminder=_asked_before(member)),
            reason=[f"{who} asked you into incident {incident.number}"], until=until, at=at,
        )  # fmt: skip


def a_task_is_yours(
    incident: Incident, text: str, *, to: list[User], by: User, at: datetime, team: Team | None = None
) -> None:
    whose, whom = ("Your task", "you") if team is None else (f"A task of {team.name}", team.name)
    _tell(
        incident, NoticeEvent.TASK_GIVEN, to, by=by, at=at, title=f"{whose}: {text}",
        body=f"{by.name} gave it to {whom} in incident {incident.number}, {incident.title}.",
    )  # fmt: skip


def somebody_cannot_come(incident: Incident, member: IncidentMember, *, by: User, at: datetime) -> None:
    """Whoever asked them, and the commander, look for somebody else."""
    asker = db.session.get(User, member.asked_by_id) if member.asked_by_id is not None else None
    _tell(
        incident, NoticeEvent.INCIDENT_ANSWERED, [p for p in (asker, incident.commander) if p is not None],
        by=by, at=at, title=f"{by.name} cannot come: {incident.title}",
        body=f"Incident {incident.number} still needs somebody.",
    )  # fmt: skip


def an_option_waits(incident: Incident, option: FixOption, *, by: User, at: datetime) -> None:
    """The commander hears that there is something to decide."""
    _tell(
        incident, NoticeEvent.OPTION_WAITS, [incident.commander] if incident.commander else [], by=by, at=at,
        title=f"Decide: {option.what}", body=f"{option.risk.capitalize()} risk, proposed by {by.name}.",
    )  # fmt: skip


def somebody_reports(incident: Incident, text: str, *, by: User, at: datetime) -> None:
    """What people see and what came of an act goes to the commander, who is told first (S-37)."""
    commander = [incident.commander] if incident.commander else []
    _tell(
        incident, NoticeEvent.INCIDENT_COMMENT, commander, by=by, at=at,
        title=f"{by.name} reports on INC-{incident.number}: {incident.title}", body=text,
    )  # fmt: skip


def done_without_approval(incident: Incident, option: FixOption, *, by: User, at: datetime) -> None:
    _tell(
        incident, NoticeEvent.OPTION_WAITS, [incident.commander] if incident.commander else [], by=by, at=at,
        title=f"{by.name} acts without approval", body=f"{option.what}: {option.bypass_reason}",
    )  # fmt: skip


def how_it_stands(
    incident: Incident, sent: IncidentUpdate, people: list[User], *, by: User, at: datetime
) -> None:
    """An update, with all its fields, to whom it is for."""
    fields = (
        ("What", sent.issue), ("Where", sent.service), ("Since", sent.since), ("How bad", sent.severity),
        ("How far", sent.how_far), ("Steps", sent.steps), ("Who", sent.who),
    )  # fmt: skip
    _tell(
        incident, NoticeEvent.INCIDENT_UPDATE, people, by=by, at=at,
        title=f"{incident.severity.upper()} update {sent.number}: {incident.title}",
        body="\n".join(f"{word}: {said}" for word, said in fields if said),
    )  # fmt: skip


def somebody_wrote(incident: Incident, text: str, named: list[User], *, by: User, at: datetime) -> None:
    """A comment reaches whoever follows, and the commander or, while nobody leads, the teams (L-NOT-05).

    Whoever it names hears of that instead.
    """
    leads = [incident.commander] if incident.commander else teams_people(incident)
    there = {each.id for each in named}
    _tell(
        incident, NoticeEvent.INCIDENT_COMMENT,
        [each for each in (*watch.watchers(incident), *leads) if each.id not in there], by=by, at=at,
        title=f"{by.name} on INC-{incident.number}: {incident.title}", body=text,
        link=f"/incidents/{incident.number}/live",
    )  # fmt: skip


def a_room_is_open(incident: Incident, opened: list[IncidentRoom], *, by: User | None, at: datetime) -> None:
    """Whoever is in it, commands it or follows it hears where one meets (L-NOT-05, L-WRK-04)."""
    there = [each.user for each in incident.members if each.is_there]
    _tell(
        incident, NoticeEvent.ROOM_OPENED,
        [*there, *watch.watchers(incident), *filter(None, [incident.commander])], by=by, at=at,
        title=f"War room: {incident.title}",
        body="\n".join(f"{each.use.capitalize()}: {each.name} {each.address or ''}".strip() for each in opened),
        link=f"/incidents/{incident.number}/live",
    )  # fmt: skip


def you_are_named(incident: Incident, text: str, named: list[User], *, by: User, at: datetime) -> None:
    """Whoever a note names by @ hears of it (L-NOT-06); never the writer (L-NOT-07)."""
    _tell(
        incident, NoticeEvent.MENTIONED, named, by=by, at=at,
        title=f"{by.name} names you on INC-{incident.number}: {incident.title}", body=text,
        link=f"/incidents/{incident.number}/live",
    )  # fmt: skip


def an_update_is_due(incident: Incident, last: IncidentUpdate | None, *, to: User, at: datetime) -> None:
    ago = (
        "None so far."
        if last is None
        else f"Last one {int((at - last.sent_at).total_seconds()) // 60} min ago."
    )
    due = incident.next_update_at or at
    _tell(
        incident, NoticeEvent.UPDATE_DUE, [to], by=None, at=at,
        title=f"Update due at {short(due, named(to.time_zone))}",
        body=f"INC-{incident.number}, {incident.severity.upper()}. {ago}",
        link=f"/incidents/{incident.number}/updates/new",
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
    link: str | None = None,
) -> None:
    """Whoever may not read it is told nothing, whatever list they stand in."""
    link, people = link or f"/incidents/{incident.number}", access.who_sees(incident, people)
    post(NoticeCategory.INCIDENTS, event, to=people, by=by, title=title, body=body, link=link, at=at)


def teams_people(incident: Incident) -> list[User]:
    """Members and managers of the teams it concerns."""
    teams = {service.team_id for service in incident.services} | {incident.team_id}
    member_of = sa.select(Membership.user_id).where(Membership.team_id.in_(teams))
    manages = sa.select(Team.manager_id).where(Team.id.in_(teams))
    either = sa.or_(User.id.in_(member_of), User.id.in_(manages))
    return list(db.session.scalars(sa.select(User).where(either, User.is_active).order_by(User.id)))


def _asked_before(member: IncidentMember) -> int:
    """How often their phone rang for this incident: asked again, it rings again."""
    pages = pages_about(Subject.INCIDENT, member.incident_id)
    return sum(page.user_id == member.user_id for page in pages)
