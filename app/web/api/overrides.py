"""/api/v1/overrides: exceptions to a schedule."""

import sqlalchemy as sa
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.oncall import override as verbs
from app.oncall.models import Override, Schedule
from app.oncall.override_access import require_to_override
from app.people.rights import Act
from app.web import serialize
from app.web.api.auth import me, need
from app.web.api.find import found, named, numbers
from app.web.api.listing import identity, listing
from app.web.api.noun import noun
from app.web.api.shapes import oncall as shapes
from app.web.api.shapes.common import Listing

overrides = noun("overrides", "Exceptions to a schedule: somebody more, somebody less, one for another.")


@overrides.get("")
@overrides.input(shapes.OverrideQuery, location="query", arg_name="query")
@overrides.output(Listing[shapes.Override])
def list_overrides(query: shapes.OverrideQuery) -> Listing[shapes.Override]:
    """List overrides, past ones too. `user_id` finds those that bring or take off a person."""
    need(Act.SEE_OPERATIONS)
    select = sa.select(Override)
    if query.schedule_id:
        select = select.where(Override.schedule_id.in_(numbers(query.schedule_id)))
    if query.user_id:
        people = numbers(query.user_id)
        select = select.where(sa.or_(Override.user_id.in_(people), Override.replaces_user_id.in_(people)))
    return listing(select, query, serialize.overrides, by=[Override.id])


@overrides.post("")
@overrides.input(shapes.OverrideDraft, arg_name="draft")
@overrides.output(shapes.Override, 201)
def create_override(draft: shapes.OverrideDraft) -> shapes.Override:
    """Make an exception. Anybody who responds may step in, or off, themself; the rest is for managers."""
    with transaction():
        schedule = named(Schedule, draft.schedule_id, "schedule", "#/schedule_id")
        comes, goes = _person(draft.user_id), _person(draft.replaces_user_id)
        require_to_override(me(), schedule, comes=comes, goes=goes)
        override = verbs.add(
            schedule_id=schedule.id, start=draft.start, end=draft.end, user_id=comes, replaces_user_id=goes,
            by=me(), at=clock.now(),
        )  # fmt: skip
        return serialize.overrides([override])[0]


@overrides.get("/<id>")
@overrides.output(shapes.Override)
def show_override(id: str) -> shapes.Override:
    """Show an override."""
    need(Act.SEE_OPERATIONS)
    return serialize.overrides([found(Override, id, "override")])[0]


@overrides.delete("/<id>")
@overrides.output({}, 204)
def delete_override(id: str) -> ResponseReturnValue:
    """Undo what of an override has not happened: a running one ends now, an ended one is refused (409)."""
    with transaction():
        override = found(Override, id, "override")
        schedule = found(Schedule, str(override.schedule_id), "schedule")
        require_to_override(me(), schedule, comes=override.user_id, goes=override.replaces_user_id)
        verbs.cancel(override, by=me(), at=clock.now())
    return "", 204


def _person(id: str | None) -> int | None:
    return None if id is None else identity(id)
