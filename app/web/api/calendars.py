"""/api/v1/calendars: the caller's own calendar addresses. Nobody is told of anybody else's (SEC-31)."""

from typing import Any

import sqlalchemy as sa
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.oncall import feeds as verbs
from app.oncall.models import CalendarFeed, Schedule
from app.people.rights import Act
from app.web.api.auth import me, need
from app.web.api.find import found, named
from app.web.api.listing import each, listing
from app.web.api.noun import noun
from app.web.api.problems import not_found, unprocessable
from app.web.api.shapes import calendars as shapes
from app.web.api.shapes.common import Listing, Named
from app.web.ical import address

calendars = noun("calendars", "The caller's own calendar addresses, read by programs without a login.")


@calendars.get("")
@calendars.input(shapes.CalendarQuery, location="query", arg_name="query")
@calendars.output(Listing[shapes.Calendar])
def list_calendars(query: shapes.CalendarQuery) -> Listing[shapes.Calendar]:
    """List one's addresses in use."""
    need(Act.SEE_ON_CALL)
    mine = sa.select(CalendarFeed).where(CalendarFeed.user_id == me().id, CalendarFeed.revoked_at.is_(None))
    return listing(mine, query, each(_shape), by=[CalendarFeed.id])


@calendars.post("")
@calendars.input(shapes.CalendarDraft, arg_name="draft")
@calendars.output(shapes.NewCalendar, 201)
def create_calendar(draft: shapes.CalendarDraft) -> shapes.NewCalendar:
    """Make an address of a schedule, or of one's own shifts everywhere. It is shown this once."""
    with transaction():
        need(Act.SEE_ON_CALL)
        schedule = (
            named(Schedule, draft.schedule_id, "schedule", "#/schedule_id") if draft.schedule_id else None
        )
        try:
            row, token = verbs.create(me(), schedule, at=clock.now())
        except verbs.TooManyFeeds as many:
            raise unprocessable("#", str(many)) from many
        return shapes.NewCalendar(**_facts(row), url=address(token))


@calendars.get("/<id>")
@calendars.output(shapes.Calendar)
def show_calendar(id: str) -> shapes.Calendar:
    """Show one of one's addresses, but for its secret."""
    need(Act.SEE_ON_CALL)
    return _shape(_mine(id))


@calendars.delete("/<id>")
@calendars.output({}, 204)
def delete_calendar(id: str) -> ResponseReturnValue:
    """The address answers nothing from here on."""
    with transaction():
        need(Act.SEE_ON_CALL)
        verbs.revoke(_mine(id), by=me(), at=clock.now())
    return "", 204


def _mine(id: str) -> CalendarFeed:
    row = found(CalendarFeed, id, "calendar")
    if row.user_id != me().id or row.revoked_at is not None:
        raise not_found("calendar")
    return row


def _shape(row: CalendarFeed) -> shapes.Calendar:
    return shapes.Calendar(**_facts(row))


def _facts(row: CalendarFeed) -> dict[str, Any]:
    schedule = row.schedule
    return {
        "id": str(row.id), "prefix": row.prefix, "created_at": row.created_at, "last_used_at": row.last_used_at,
        "schedule": None if schedule is None else Named(id=str(schedule.id), name=schedule.name),
    }  # fmt: skip
