"""What each team has in an incident that several work on: its people there, its open tasks, its alerts."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.database import db
from app.domain.phrase import counted
from app.incidents import access
from app.incidents.models import Incident, IncidentTask
from app.people.models import Membership, Team, User
from app.web.words import plain


@dataclass(frozen=True)
class Part:
    """`tasks` are the number and the words of each that is open, and whose: the team's, or of one of it."""

    name: str
    is_mine: bool
    facts: str
    tasks: list[tuple[int, str, str]]


def parts(incident: Incident, tasks: Sequence[IncidentTask], viewer: User) -> list[Part]:
    """One for each team once there are several (L-INC-05): the viewer's own first, then whose it is."""
    teams = [*([incident.team] if incident.team else []), *incident.supporting_teams]
    if len(teams) < 2:
        return []
    rows = sa.select(Membership.team_id, Membership.user_id).where(Membership.team_id.in_(t.id for t in teams))
    of = {team.id: {team.manager_id} if team.manager_id is not None else set() for team in teams}
    for team_id, user_id in db.session.execute(rows):
        of[team_id].add(user_id)
    for member in incident.members:
        if member.team_id in of:
            of[member.team_id].add(member.user_id)  # asked in for that team, like a manager who is not of it
    found = [_part(incident, team, of[team.id], tasks, viewer) for team in teams]
    return sorted(found, key=lambda part: not part.is_mine)


def _part(
    incident: Incident, team: Team, people: set[int], tasks: Sequence[IncidentTask], viewer: User
) -> Part:
    there = [plain(each.user.name) for each in incident.members if each.is_there and each.user_id in people]
    seen = access.seen(viewer, [alert.id for alert in incident.alerts])
    alerts = [a for a in incident.alerts if a.team_id == team.id and a.is_open and a.id in seen]
    facts = [", ".join(there) if there else "nobody is there yet", f"{counted(len(alerts), 'open alert')}"]
    return Part(
        plain(team.name), viewer.id in people, " · ".join(facts if alerts else facts[:1]),
        [
            (task.id, plain(task.text), plain((task.owner or team).name))
            for task in tasks
            if task.done_at is None and (task.team_id == team.id or task.owner_id in people)
        ],
    )  # fmt: skip
