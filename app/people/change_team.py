"""A team gets another name or manager, or is no more."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.invalid import Faults, InvalidField
from app.domain.text import one_line, prose
from app.domain.timeline import Kind, Subject
from app.people.models import Membership, Team, User
from app.people.profile import tags as words
from app.people.taken import refused_if_taken
from app.people.teams import LONGEST_NAME, TAKEN
from app.timeline.record import record

LONGEST_DESCRIPTION = 2000  # characters


def rename_team(team: Team, name: str, *, by: User, at: datetime) -> None:
    """Raises InvalidField about `name` when it is none or another team's."""
    name = one_line(name, limit=LONGEST_NAME + 1)
    if name == team.name:
        return
    if not name or len(name) > LONGEST_NAME:
        raise InvalidField([("/name", f"A name, of at most {LONGEST_NAME} characters.")])
    others = sa.select(Team.id).where(sa.func.lower(Team.name) == name.lower(), Team.id != team.id)
    if db.session.scalar(others) is not None:
        raise InvalidField([("/name", TAKEN)])
    record(
        Kind.CHANGED, Subject.TEAM, team.id, at=at, by=by, **{"field": "name", "from": team.name, "to": name}
    )
    with refused_if_taken(name=TAKEN):
        team.name = name


def set_manager(team: Team, manager: User | None, *, by: User, at: datetime) -> None:
    """Say who is paged when an alert of this team reaches nobody else; None: all administrators."""
    before, after = team.manager_id, None if manager is None else manager.id
    if before == after:
        return
    if manager is not None and not manager.is_active:
        raise InvalidField([("/manager_id", f"{manager.name} has left.")])
    record(
        Kind.CHANGED,
        Subject.TEAM,
        team.id,
        at=at,
        by=by,
        **{"field": "manager_id", "from": before, "to": after},
    )
    team.manager_id = after


def describe_team(team: Team, *, description: str, tags: str | Sequence[str], by: User, at: datetime) -> None:
    """Say what it does, and by which words it is found. Raises InvalidField."""
    faults = Faults()
    if len(description.strip()) > LONGEST_DESCRIPTION:
        faults.add("/description", f"At most {LONGEST_DESCRIPTION} characters.")
    wanted = {"description": prose(description), "tags": words(tags, "/tags", faults)}
    faults.stop_if_any()
    changed = sorted(name for name, value in wanted.items() if getattr(team, name) != value)
    for name in changed:
        setattr(team, name, wanted[name])
    if changed:
        record(Kind.CHANGED, Subject.TEAM, team.id, at=at, by=by, changed=changed)


def delete_team(team: Team, *, by: User, at: datetime) -> None:
    """Undo a team that nothing belongs to. The database refuses one that still has services or schedules."""
    db.session.execute(sa.delete(Membership).where(Membership.team_id == team.id))
    db.session.execute(sa.delete(Team).where(Team.id == team.id))
    record(Kind.DELETED, Subject.TEAM, team.id, at=at, by=by, name=team.name)
