"""/api/v1/time-off: hours in which a person is in no answer."""

import sqlalchemy as sa
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.interval import Interval
from app.oncall import time_off as verbs
from app.oncall.models import TimeOff
from app.oncall.swap import LONGEST
from app.oncall.time_off_access import require_to_enter_for
from app.oncall.time_off_conflicts import conflicts
from app.people.models import User
from app.people.rights import Act
from app.web import serialize, serialize_swaps
from app.web.api.auth import me, need
from app.web.api.find import found, named, numbers
from app.web.api.listing import each, listing
from app.web.api.noun import noun
from app.web.api.problems import unprocessable
from app.web.api.shapes import oncall as shapes
from app.web.api.shapes.common import Listing

time_off = noun("time-off", "Hours in which a person is not asked, whatever a schedule says.")


@time_off.get("")
@time_off.input(shapes.TimeOffQuery, location="query", arg_name="query")
@time_off.output(Listing[shapes.TimeOff])
def list_time_off(query: shapes.TimeOffQuery) -> Listing[shapes.TimeOff]:
    """List time off, past too."""
    need(Act.SEE_OPERATIONS)
    select = sa.select(TimeOff)
    if query.user_id:
        select = select.where(TimeOff.user_id.in_(numbers(query.user_id)))
    return listing(select, query, each(serialize.time_off), by=[TimeOff.id])


@time_off.post("")
@time_off.input(shapes.TimeOffDraft, arg_name="draft")
@time_off.output(shapes.TimeOff, 201)
def create_time_off(draft: shapes.TimeOffDraft) -> shapes.TimeOff:
    """Enter time off: one's own, or as somebody who runs the team another's."""
    with transaction():
        user = named(User, draft.user_id, "person", "#/user_id")
        require_to_enter_for(user, me())
        row = verbs.add(
            user_id=user.id, start=draft.start, end=draft.end, note=draft.note, by=me(), at=clock.now()
        )
        return serialize.time_off(row)


@time_off.get("/conflicts")
@time_off.input(shapes.ConflictQuery, location="query", arg_name="query")
@time_off.output(shapes.Conflicts)
def list_conflicts(query: shapes.ConflictQuery) -> shapes.Conflicts:
    """Which turns time off would hit, the gaps it would leave, and who could cover. Enters nothing."""
    need(Act.SEE_OPERATIONS)
    user = me() if query.user_id is None else named(User, query.user_id, "person", "?user_id")
    require_to_enter_for(user, me())
    if not query.start < query.end <= query.start + LONGEST:
        raise unprocessable("?end", f"A moment after `start`, at most {LONGEST.days} days.")
    span = Interval(query.start, query.end)
    return serialize_swaps.conflicts(conflicts(user, span, at=clock.now()))


@time_off.get("/<id>")
@time_off.output(shapes.TimeOff)
def show_time_off(id: str) -> shapes.TimeOff:
    """Show time off."""
    need(Act.SEE_OPERATIONS)
    return serialize.time_off(found(TimeOff, id, "time off"))


@time_off.delete("/<id>")
@time_off.output({}, 204)
def delete_time_off(id: str) -> ResponseReturnValue:
    """Be back earlier: time off that runs ends now, what has ended is refused (409)."""
    with transaction():
        row = found(TimeOff, id, "time off")
        require_to_enter_for(row.user, me())
        verbs.cancel(row, by=me(), at=clock.now())
    return "", 204
