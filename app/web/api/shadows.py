"""/api/v1/shadows: people who get copies of a schedule's pages and never count as cover."""

import sqlalchemy as sa
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.oncall import shadow as verbs
from app.oncall.models import Schedule, Shadow
from app.oncall.shadow_access import require_to_add, require_to_end
from app.people.models import User
from app.people.rights import Act
from app.web.api.auth import me, need
from app.web.api.find import found, named, numbers
from app.web.api.listing import each, listing
from app.web.api.noun import noun
from app.web.api.shapes import shadows as shapes
from app.web.api.shapes.common import Listing

shadows = noun("shadows", "People who get a copy of each page of a schedule, and never count as cover.")


@shadows.get("")
@shadows.input(shapes.ShadowQuery, location="query", arg_name="query")
@shadows.output(Listing[shapes.Shadow])
def list_shadows(query: shapes.ShadowQuery) -> Listing[shapes.Shadow]:
    """List shadows, those of the past too."""
    need(Act.SEE_OPERATIONS)
    select = sa.select(Shadow)
    if query.schedule_id:
        select = select.where(Shadow.schedule_id.in_(numbers(query.schedule_id)))
    if query.user_id:
        select = select.where(Shadow.user_id.in_(numbers(query.user_id)))
    return listing(select, query, each(_shape), by=[Shadow.id])


@shadows.post("")
@shadows.input(shapes.ShadowDraft, arg_name="draft")
@shadows.output(shapes.Shadow, 201)
def create_shadow(draft: shapes.ShadowDraft) -> shapes.Shadow:
    """Let somebody look on: oneself in one's own team, or anybody as a manager of it."""
    with transaction():
        schedule = named(Schedule, draft.schedule_id, "schedule", "#/schedule_id")
        user = named(User, draft.user_id, "person", "#/user_id")
        require_to_add(schedule, user, me())
        row = verbs.add(schedule, user, start=draft.start, end=draft.end, by=me(), at=clock.now())
        return _shape(row)


@shadows.get("/<id>")
@shadows.output(shapes.Shadow)
def show_shadow(id: str) -> shapes.Shadow:
    """Show a shadow."""
    need(Act.SEE_OPERATIONS)
    return _shape(found(Shadow, id, "shadow"))


@shadows.delete("/<id>")
@shadows.output({}, 204)
def delete_shadow(id: str) -> ResponseReturnValue:
    """No more copies from now on; one to come goes away."""
    with transaction():
        row = found(Shadow, id, "shadow")
        require_to_end(row.schedule, row.user_id, me())
        verbs.end(row, by=me(), at=clock.now())
    return "", 204


def _shape(row: Shadow) -> shapes.Shadow:
    return shapes.Shadow(
        id=str(row.id), schedule_id=str(row.schedule_id), user_id=str(row.user_id), start=row.start,
        end=row.end, created_at=row.created_at,
    )  # fmt: skip
