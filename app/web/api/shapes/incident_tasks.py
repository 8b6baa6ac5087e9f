"""Tasks inside an incident."""

from typing import Annotated

from pydantic import StringConstraints

from app.domain.task import LONGEST
from app.web.api.shapes.common import Draft, Id, Moment, Named, Shape, absent

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]


class TaskDraft(Draft):
    """Without `owner_id` or `team_id` nobody has it yet; one of both."""

    text: Words
    owner_id: Id | None = None
    team_id: Id | None = None
    due_at: Moment | None = None


class TaskChanges(Draft):
    """What is left out stays; null takes the owner, the team or the hour away. A new one replaces the other."""

    text: Words = absent()
    owner_id: Id | None = absent()
    team_id: Id | None = absent()
    due_at: Moment | None = absent()


class Task(Shape):
    """Open while `done_at` is null, also after its incident has closed."""

    id: str
    text: str
    owner: Named | None
    team: Named | None  # whose it is, when it is no single person's
    due_at: Moment | None
    done_at: Moment | None
    done_by: Named | None
    created_at: Moment
    updated_at: Moment


class Tasks(Shape):
    items: list[Task]
