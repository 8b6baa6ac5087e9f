"""Tasks inside an incident: routes below /api/v1/incidents/{id}."""

from typing import Any

from app.domain.invalid import InvalidField
from app.incidents import tasks
from app.incidents.models import Incident, IncidentTask
from app.people.models import Team, User
from app.people.rights import Act
from app.web.api.auth import me, need
from app.web.api.find import named
from app.web.api.incidents import changing, incidents, the_incident
from app.web.api.listing import identity
from app.web.api.problems import not_found
from app.web.api.shapes import incident_tasks as shapes
from app.web.api.shapes.common import IfMatch, Named, Nothing
from app.web.api.versions import expect_edition, send_edition


@incidents.get("/<id>/tasks")
@incidents.output(shapes.Tasks)
def list_tasks(id: str) -> shapes.Tasks:
    """What is to be done: open ones first, those due first among these."""
    need(Act.SEE_OPERATIONS)
    incident = the_incident(id)
    return shapes.Tasks(items=[_shown(task) for task in tasks.of(incident)])


@incidents.post("/<id>/tasks")
@incidents.input(shapes.TaskDraft, arg_name="draft")
@incidents.output(shapes.Task, 201)
def add_task(id: str, draft: shapes.TaskDraft) -> shapes.Task:
    """Add a task. Its owner is told, or who is on call of its team."""
    with changing(id) as (incident, at):
        owner = _owner(draft.owner_id, draft.team_id)
        task = tasks.add(incident, draft.text, owner=owner, due_at=draft.due_at, by=me(), at=at)
        send_edition(task)
        return _shown(task)


@incidents.get("/<id>/tasks/<task_id>")
@incidents.output(shapes.Task)
def show_task(id: str, task_id: str) -> shapes.Task:
    """Show a task. Its `ETag` changes with its words, its owner or team and its hour."""
    need(Act.SEE_OPERATIONS)
    task = _of(the_incident(id), task_id)
    send_edition(task)
    return _shown(task)


@incidents.patch("/<id>/tasks/<task_id>")
@incidents.input(IfMatch, location="headers", arg_name="headers")
@incidents.input(shapes.TaskChanges, arg_name="changes")
@incidents.output(shapes.Task)
def change_task(id: str, task_id: str, headers: IfMatch, changes: shapes.TaskChanges) -> shapes.Task:
    """Change its words, its owner or team, or its hour. 412 when `If-Match` is outdated."""
    given = changes.given()
    with changing(id) as (incident, at):
        task = _of(incident, task_id)
        expect_edition(task, headers.if_match)
        tasks.change(
            incident, task, text=given.get("text", task.text), due_at=given.get("due_at", task.due_at),
            owner=_changed(task, given), by=me(), at=at,
        )  # fmt: skip
        send_edition(task)
        return _shown(task)


@incidents.post("/<id>/tasks/<task_id>/completion")
@incidents.input(Nothing, arg_name="nothing")
@incidents.output(shapes.Task)
def finish_task(id: str, task_id: str, nothing: Nothing) -> shapes.Task:  # noqa: ARG001
    """It is done. Whoever said so first did it."""
    with changing(id) as (incident, at):
        task = _of(incident, task_id)
        tasks.finish(incident, task, by=me(), at=at)
        return _shown(task)


@incidents.delete("/<id>/tasks/<task_id>/completion")
@incidents.output(shapes.Task)
def reopen_task(id: str, task_id: str) -> shapes.Task:
    """It is not done after all."""
    with changing(id) as (incident, at):
        task = _of(incident, task_id)
        tasks.reopen(incident, task, by=me(), at=at)
        return _shown(task)


def _owner(person: str | None, team: str | None) -> User | Team | None:
    if person is not None and team is not None:
        raise InvalidField([("/team_id", "A person or a team, not both.")])
    if team is not None:
        return named(Team, team, "team", "#/team_id")
    return None if person is None else named(User, person, "person", "#/owner_id")


def _changed(task: IncidentTask, given: dict[str, Any]) -> User | Team | None:
    """Whose it is then: what is null is taken away from whoever has it by that name."""
    now: User | Team | None = task.owner or task.team
    wanted = _owner(given.get("owner_id"), given.get("team_id"))
    if wanted is not None:
        return wanted
    name = "owner_id" if task.owner is not None else "team_id"
    return None if name in given else now


def _of(incident: Incident, task_id: str) -> IncidentTask:
    task = tasks.task_of(incident, identity(task_id))
    if task is None:
        raise not_found("task")
    return task


def _shown(row: IncidentTask) -> shapes.Task:
    return shapes.Task(
        id=str(row.id), text=row.text, owner=_named(row.owner), team=_named(row.team), due_at=row.due_at,
        done_at=row.done_at, done_by=_named(row.done_by), created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def _named(whose: User | Team | None) -> Named | None:
    return None if whose is None else Named(id=str(whose.id), name=whose.name)
