"""Where people meet about an incident: open its chat and its call; how the organisation's are made."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.invalid import InvalidField
from app.domain.war_room import NAMES, OFFERED, to_json
from app.domain.words import RoomUse
from app.incidents import war_room
from app.people import queries
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import problems_of, typed
from app.web.incident_edge import done, locked
from app.web.redirects import see
from app.web.toast import toast

blueprint = Blueprint("incident_rooms", __name__)

FIELDS = ("chat_provider", "chat_address", "call_provider", "call_address", "fallback")


@blueprint.post("/incidents/<int:number>/rooms")
@needs(Act.SEE_OPERATIONS)
def open_rooms(number: int) -> ResponseReturnValue:
    """By a tap. A second one opens nothing, and asks again for a channel that could not be made."""
    with transaction():
        war_room.open_rooms(locked(number), by=viewer(), at=clock.now())
    return done(number, "The war room is open. Whoever is in it or follows has been told.")


@blueprint.get("/organisation/war-room")
@needs(Act.MANAGE_ORGANISATION)
def settings() -> str:
    return _page(to_json(war_room.template()))


@blueprint.post("/organisation/war-room")
@needs(Act.MANAGE_ORGANISATION)
def change() -> ResponseReturnValue:
    """Which rooms open from now on."""
    answers = typed(*FIELDS)
    try:
        with transaction():
            organisation = queries.organisation()
            if organisation is None:
                raise NotFound
            war_room.change_template(organisation, answers, by=viewer(), at=clock.now())
    except InvalidField as invalid:
        return _page(answers, problems_of(invalid)), 422
    toast("Kept, for rooms that open from now on.")
    return see(url_for(".settings"))


def _page(answers: dict[str, str], problems: dict[str, str] | None = None) -> str:
    return render_template(
        "organisation/war_room.html", answers=answers, problems=problems or {},
        makes_channels=war_room.makes_channels(),
        offered={str(use): [("", "None"), *((each, NAMES[each]) for each in OFFERED[use])] for use in RoomUse},
    )  # fmt: skip
