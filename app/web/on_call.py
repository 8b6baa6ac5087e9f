"""On-call: who has the pager, across teams, now or at another time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app import clock
from app.domain.zone import instant
from app.people.queries import teams_of
from app.people.rights import Act, may
from app.web.access import needs, viewer
from app.web.on_call_view import board
from app.web.words import viewer_zone

blueprint = Blueprint("on_call", __name__)

FIRST_YEAR, LAST_YEAR = 2000, 2100
UNREADABLE = "Give a day and a time, such as 2026-11-12 03:20, between 2000 and 2100"


class NotATime(ValueError):
    """What stands in `?at=` is no moment we can answer for."""


@blueprint.get("/on-call")
@needs(Act.SEE_ON_CALL)
def show() -> ResponseReturnValue:
    typed = request.args.get("at", "").strip()
    now = clock.now()
    try:
        at, problem = _moment(typed) if typed else None, None
    except NotATime:
        at, problem = None, UNREADABLE
    page = render_template(
        "on_call/show.html",
        teams=board(viewer(), at or now),
        my_teams={team.id for team in teams_of(viewer())} if may(viewer(), Act.COVER_SELF) else set(),
        at=at or now,
        elsewhen=at is not None,
        # a form field of the browser's own: without a zone, so in the zone of whoever looks
        typed=typed if problem else (at or now).astimezone(viewer_zone()).strftime("%Y-%m-%dT%H:%M"),
        problem=problem,
        hours_away=round(((at or now) - now).total_seconds() / 3600),
    )
    return page, 400 if problem else 200


def _moment(typed: str) -> datetime:
    """The moment a person or a link names; without a zone it is one of the viewer's. Raises NotATime."""
    try:
        # a + in an address that nobody escaped arrives as a space
        read = datetime.fromisoformat(typed if "T" not in typed else typed.replace(" ", "+"))
        if not FIRST_YEAR <= read.year < LAST_YEAR:
            raise NotATime(typed)
        if read.tzinfo is not None:
            return read.astimezone(UTC)
        zone = viewer_zone()
        return instant(read, zone) if isinstance(zone, ZoneInfo) else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as unreadable:
        raise NotATime(typed) from unreadable
