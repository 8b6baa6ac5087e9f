"""Tasks inside an incident: added, given to somebody or to a team, done, and open again."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.incidents import access, queries, tasks
from app.incidents.models import Incident, IncidentTask
from app.people.models import Team, User
from app.people.queries import responders
from app.people.queries import teams as all_teams
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import problems_of, row_number, typed_moment
from app.web.incident_edge import done, locked, text
from app.web.incident_view import local
from app.web.words import hour, lasted, moment, plain

blueprint = Blueprint("incident_tasks", __name__)

TEAM = "team-"  # before a team's number, among those of people


@dataclass(frozen=True)
class Line:
    number: int
    text: str
    facts: str
    is_done: bool
    is_late: bool


def lines(incident: Incident) -> list[Line]:
    """The open ones first, those due first among these."""
    return [_line(task) for task in tasks.of(incident)]


@blueprint.post("/incidents/<int:number>/tasks")
@needs(Act.SEE_OPERATIONS)
def add(number: int) -> ResponseReturnValue:
    """Something is to be done, by whom and by when if that is known."""
    try:
        with transaction():
            incident = locked(number)
            tasks.add(incident, text("text"), owner=_owner(), due_at=_due(), by=viewer(), at=clock.now())
    except InvalidField as invalid:
        return _page(number, None, problems_of(invalid)), 422
    return done(number, "Task added.")


@blueprint.get("/incidents/<int:number>/tasks/<int:task_id>")
@needs(Act.SEE_OPERATIONS)
def show(number: int, task_id: int) -> ResponseReturnValue:
    return _page(number, task_id)


@blueprint.post("/incidents/<int:number>/tasks/<int:task_id>")
@needs(Act.SEE_OPERATIONS)
def change(number: int, task_id: int) -> ResponseReturnValue:
    try:
        with transaction():
            incident = locked(number)
            task = _of(incident, task_id)
            if request.form.get("seen", task.edition) != task.edition:
                return _page(number, task_id, is_stale=True), 409
            tasks.change(
                incident, task, text=text("text"), owner=_owner(), due_at=_due(),
                by=viewer(), at=clock.now(),
            )  # fmt: skip
    except InvalidField as invalid:
        return _page(number, task_id, problems_of(invalid)), 422
    return done(number, "Task changed.")


@blueprint.post("/incidents/<int:number>/tasks/<int:task_id>/completion")
@needs(Act.SEE_OPERATIONS)
def finish(number: int, task_id: int) -> ResponseReturnValue:
    """Done; with `done=no` not after all."""
    is_done = request.form.get("done") != "no"
    with transaction():
        incident = locked(number)
        task = _of(incident, task_id)
        (tasks.finish if is_done else tasks.reopen)(incident, task, by=viewer(), at=clock.now())
    return done(number, "Task done." if is_done else "Task open again.")


def _page(
    number: int, task_id: int | None, problems: dict[str, str] | None = None, *, is_stale: bool = False
) -> str:
    """The form: as the task stands, or as it was typed where something is to be put right or was changed."""
    incident = queries.shown(number, viewer())
    if incident is None:
        raise NotFound
    task = None if task_id is None else _of(incident, task_id)
    fields = {"text": "", "owner_id": "", "due_at": ""} if task is None else {
        "text": task.text, "owner_id": f"{TEAM}{task.team_id}" if task.team_id else str(task.owner_id or ""),
        "due_at": "" if task.due_at is None else local(task.due_at),
    }  # fmt: skip
    if problems or is_stale:
        fields = {name: request.form.get(name, "") for name in fields}
    return render_template(
        "incidents/task.html", number=number, title=plain(incident.title), task=task and _line(task),
        fields=fields, problems=problems or {},
        seen="" if task is None else task.edition, is_stale=is_stale, people=people(task),
        may_work=access.may_work(viewer(), incident),
    )  # fmt: skip


def people(task: IncidentTask | None = None) -> list[tuple[str, str]]:
    """Who can be given a task: people, then teams. Whoever has it is among them, even when they have left."""
    found = [(str(user.id), plain(user.name)) for user in responders()]
    owner = None if task is None else task.owner
    if owner is not None and (str(owner.id), plain(owner.name)) not in found:
        found.append((str(owner.id), plain(owner.name)))
    teams = [(f"{TEAM}{team.id}", f"Team {plain(team.name)}") for team in all_teams()]
    return [("", "Nobody yet"), *found, *teams]


def _line(task: IncidentTask) -> Line:
    if task.done_at is not None:
        by = plain(task.done_by.name) if task.done_by is not None else "somebody"
        return Line(task.id, plain(task.text), f"Done by {by}, {hour(task.done_at)}", True, False)
    whose = "nobody has it yet"
    if task.owner is not None:
        whose = plain(task.owner.name)
    elif task.team is not None:
        whose = f"Team {plain(task.team.name)}"
    if task.due_at is None:
        return Line(task.id, plain(task.text), whose, False, False)
    late = clock.now() - task.due_at
    is_late = late.total_seconds() > 0
    by_when = f"{lasted(late)} late" if is_late else f"due {moment(task.due_at)}"
    return Line(task.id, plain(task.text), f"{whose} · {by_when}", False, is_late)


def _of(incident: Incident, task_id: int) -> IncidentTask:
    task = tasks.task_of(incident, task_id)
    if task is None:
        raise NotFound
    return task


def _owner() -> User | Team | None:
    wanted = request.form.get("owner_id", "")
    if not wanted:
        return None
    number, is_team = row_number(wanted.removeprefix(TEAM)), wanted.startswith(TEAM)
    owner = db.session.get(Team, number) if is_team else db.session.get(User, number)
    if owner is None:
        raise InvalidField([("/owner_id", "Choose somebody of this list.")])
    return owner


def _due() -> datetime | None:
    wanted = request.form.get("due_at", "").strip()
    due_at = typed_moment(wanted)
    if wanted and due_at is None:
        raise InvalidField([("/due_at", "Give a day and an hour, or leave it empty.")])
    return due_at
