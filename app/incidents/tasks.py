"""Tasks of an incident: given to somebody or to a team, due, done, and open again."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain.invalid import InvalidField
from app.domain.task import LONGEST
from app.domain.text import one_line
from app.domain.timeline import Kind, Subject
from app.incidents import assemble, tell
from app.incidents.models import Incident, IncidentTask
from app.people.models import Team, User
from app.people.rights import Act, may
from app.timeline.record import record


def add(
    incident: Incident, text: str, *, by: User, at: datetime, owner: User | Team | None = None,
    due_at: datetime | None = None,
) -> IncidentTask:  # fmt: skip
    """Something is to be done, by a person or a team, until `due_at` if that is said. Raises InvalidField."""
    task = IncidentTask(
        incident_id=incident.id, text=_checked(text, owner), due_at=due_at, created_by_id=by.id, created_at=at,
        updated_at=at,
    )  # fmt: skip
    _give(task, owner)
    db.session.add(task)
    db.session.flush()
    _note(incident, task, Kind.TASK_ADDED, by=by, at=at)
    _tell(incident, task, by=by, at=at)
    return task


def change(
    incident: Incident, task: IncidentTask, *, text: str, owner: User | Team | None, due_at: datetime | None,
    by: User, at: datetime,
) -> None:  # fmt: skip
    """Other words, another owner, another hour. The same again changes nothing and tells nobody."""
    before = task.owner or task.team
    words = _checked(text, owner if owner is not before else None)
    if (task.text, before, task.due_at) == (words, owner, due_at):
        return
    task.text, task.due_at = words, due_at
    _give(task, owner)
    _note(incident, task, Kind.TASK_CHANGED, by=by, at=at)
    if owner is not before:
        _tell(incident, task, by=by, at=at)


def finish(incident: Incident, task: IncidentTask, *, by: User, at: datetime) -> None:
    """It is done, also in an incident that is over. A second word changes nothing: the first one did it."""
    if task.done_at is None:
        task.done_at, task.done_by, task.done_by_id = at, by, by.id
        _note(incident, task, Kind.TASK_DONE, by=by, at=at)


def reopen(incident: Incident, task: IncidentTask, *, by: User, at: datetime) -> None:
    """It is not done after all."""
    if task.done_at is not None:
        task.done_at = task.done_by = task.done_by_id = None
        _note(incident, task, Kind.TASK_REOPENED, by=by, at=at)


def of(incident: Incident) -> Sequence[IncidentTask]:
    """All of them: open ones first, those due first among these; then the done ones, as they were added."""
    rows = sa.select(IncidentTask).where(IncidentTask.incident_id == incident.id)
    order = (
        IncidentTask.done_at.is_not(None), IncidentTask.due_at.is_(None), IncidentTask.due_at, IncidentTask.id,
    )  # fmt: skip
    with_people = rows.options(
        joinedload(IncidentTask.owner), joinedload(IncidentTask.team), joinedload(IncidentTask.done_by)
    )
    return db.session.scalars(with_people.order_by(*order)).all()


def open_tasks(incident: Incident) -> list[IncidentTask]:
    return [task for task in of(incident) if task.done_at is None]


def task_of(incident: Incident, task_id: int) -> IncidentTask | None:
    """The task of that number, if it is one of this incident."""
    return db.session.scalars(
        sa.select(IncidentTask).where(IncidentTask.id == task_id, IncidentTask.incident_id == incident.id)
    ).one_or_none()


def _give(task: IncidentTask, owner: User | Team | None) -> None:
    person, team = (owner, None) if isinstance(owner, User) else (None, owner)
    task.owner, task.owner_id = person, None if person is None else person.id
    task.team, task.team_id = team, None if team is None else team.id


def _tell(incident: Incident, task: IncidentTask, *, by: User, at: datetime) -> None:
    """Whoever has it; of a team those on call, else its manager, else everybody in it."""
    if task.owner is not None:
        tell.a_task_is_yours(incident, task.text, to=[task.owner], by=by, at=at)
    elif task.team is not None:
        to = assemble.primaries(task.team, at) or [
            each.user for each in task.team.memberships if each.user.is_active
        ]
        tell.a_task_is_yours(incident, task.text, to=to, team=task.team, by=by, at=at)


def _checked(text: str, owner: User | Team | None) -> str:
    words = one_line(text, limit=LONGEST)
    problems = [] if words else [("/text", "Say what is to be done.")]
    if isinstance(owner, Team):
        owner = None
    if owner is not None and not owner.is_active:
        problems.append(("/owner_id", f"{owner.name} has left."))
    elif owner is not None and not may(owner, Act.SEE_OPERATIONS):
        problems.append(("/owner_id", f"{owner.name} only looks on. Choose somebody who responds."))
    if problems:
        raise InvalidField(problems)
    return words


def _note(incident: Incident, task: IncidentTask, kind: Kind, *, by: User, at: datetime) -> None:
    task.updated_at = incident.updated_at = at
    whose: dict[str, int | str] = {} if task.owner_id is None else {"user_id": task.owner_id}
    if task.team is not None:
        whose = {"team_id": task.team.id, "team": task.team.name}
    record(kind, Subject.INCIDENT, incident.id, at=at, by=by, task_id=task.id, text=task.text, **whose)
