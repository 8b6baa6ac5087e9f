"""Who is in an incident as its screen says it: the commander first, each with role, answer and local time."""

from dataclasses import dataclass

from app import clock
from app.domain.words import Attendance, IncidentRole
from app.incidents import assemble
from app.incidents.models import Incident, IncidentMember
from app.people.models import User
from app.people.queries import responders, teams
from app.web.words import hour, local_time, plain

ROLE = {
    IncidentRole.SCRIBE: "Scribe", IncidentRole.COMMUNICATIONS: "Communications",
    IncidentRole.EXPERT: "Expert", IncidentRole.RESPONDER: "Responder",
}  # fmt: skip
ATTENDANCE = {
    Attendance.ASKED: "asked {}", Attendance.JOINED: "there since {}", Attendance.DECLINED: "cannot, said {}",
    Attendance.LEFT: "left {}",
}  # fmt: skip
_ORDER = (Attendance.JOINED, Attendance.ASKED, Attendance.DECLINED, Attendance.LEFT)


@dataclass(frozen=True)
class Line:
    person: User
    facts: str
    is_there: bool


@dataclass(frozen=True)
class PeopleView:
    """`asked_by` is the name of who asked the viewer and waits for a word; `mine` where the viewer stands."""

    commander: Line | None
    others: list[Line]
    words: str
    asked_by: str | None
    mine: Attendance | None
    in_command: bool
    experts: list[tuple[int, str]]
    teams: list[tuple[int, str]]
    people: list[tuple[int, str]]
    members: list[tuple[int, str]]
    roles: list[tuple[IncidentRole, str]]


def people_view(incident: Incident, viewer: User, *, may_work: bool) -> PeopleView:
    members = sorted(incident.members, key=lambda each: (_ORDER.index(each.attendance), each.id))
    mine = next((each for each in members if each.user_id == viewer.id), None)
    commanding = next((each for each in members if each.user_id == incident.commander_id), None)
    others = [each for each in members if each is not commanding]
    there = [each for each in members if each.attendance is Attendance.JOINED]
    is_asked = mine is not None and mine.attendance is Attendance.ASKED
    asks = may_work and incident.is_open  # nobody else is shown the sheets
    known = {each.user_id for each in members if each.attendance in (Attendance.JOINED, Attendance.ASKED)}
    return PeopleView(
        commander=_commander(incident),
        others=[_line(each) for each in others],
        words=f"{len(there)} there",
        asked_by=_asker(incident, mine) if is_asked and mine is not None else None,
        mine=None if mine is None else mine.attendance, in_command=incident.commander_id == viewer.id,
        experts=[
            (person.id, f"{plain(person.name)}, on call for {plain(service)}, {local_time(person.time_zone)}")
            for service, person in (assemble.experts(incident, clock.now()) if asks else [])
            if person.id not in known
        ],
        teams=[(team.id, plain(team.name)) for team in (teams() if asks else [])],
        people=[
            (user.id, f"{plain(user.name)}, {local_time(user.time_zone)}")
            for user in (responders() if asks else [])
        ],
        members=[(each.user_id, plain(each.user.name)) for each in members if each.user_id in known],
        roles=list(ROLE.items()),
    )  # fmt: skip


def _line(member: IncidentMember) -> Line:
    when = member.asked_at if member.attendance is Attendance.ASKED else member.answered_at or member.asked_at
    says = ATTENDANCE[member.attendance].format(hour(when))
    role = ROLE[member.role] if member.team is None else f"{ROLE[member.role]}, {plain(member.team.name)}"
    return Line(member.user, f"{role} · {says} · {local_time(member.user.time_zone)}", member.is_there)


def _commander(incident: Incident) -> Line | None:
    leads = incident.commander
    if leads is None:
        return None
    held = f" since {hour(incident.commander_since)}" if incident.commander_since is not None else ""
    return Line(leads, f"Commander{held} · {local_time(leads.time_zone)}", True)


def _asker(incident: Incident, mine: IncidentMember) -> str:
    names = {each.user_id: each.user.name for each in incident.members}
    return plain(names.get(mine.asked_by_id or 0, "Somebody"))
