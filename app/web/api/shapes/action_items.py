"""What was promised after incidents."""

from typing import Annotated

from pydantic import StringConstraints

from app.domain.action import LONGEST
from app.domain.words import ActionKind, Improves
from app.web.api.shapes.common import Draft, Id, ListQuery, Moment, Named, Shape, absent

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]
Link = Annotated[str, StringConstraints(max_length=4096)]


class ActionItemQuery(ListQuery):
    """`done` asks for those that are carried out, or are not; `incident_id` for those of one incident."""

    done: bool | None = None
    incident_id: Id | None = None
    owner_id: Id | None = None


class Better(Draft):
    """What an action makes better; it is shown there, too."""

    kind: Improves
    id: Id


class ActionItemDraft(Draft):
    """`link` leads to a tracker, by http or https."""

    incident_id: Id
    text: Words
    kind: ActionKind
    owner_id: Id | None = None
    due_at: Moment | None = None
    link: Link = ""
    improves: Better | None = None


class ActionItemChanges(Draft):
    """What is left out stays; null takes the owner, the day or the target away."""

    text: Words = absent()
    kind: ActionKind = absent()
    owner_id: Id | None = absent()
    due_at: Moment | None = absent()
    link: Link = absent()
    improves: Better | None = absent()


class CarriedOut(Draft):
    """`changed` says what is otherwise now."""

    changed: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class Improved(Shape):
    kind: Improves
    id: str


class ActionItem(Shape):
    """Open while `done_at` is null."""

    id: str
    incident_id: str
    text: str
    kind: ActionKind
    owner: Named | None
    due_at: Moment | None
    link: str
    improves: Improved | None
    done_at: Moment | None
    done_by: Named | None
    changed: str
    created_at: Moment
    updated_at: Moment
