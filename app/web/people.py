"""People: who is here, who knows what, and what time it is where they are."""

from flask import Blueprint, render_template, request

from app import clock
from app.database import db
from app.domain.words import Role
from app.oncall import queries as on_call
from app.people import queries
from app.people.models import User
from app.people.rights import Act, may
from app.web.access import needs, viewer
from app.web.errors import NotFound

blueprint = Blueprint("people", __name__, url_prefix="/people")


@blueprint.get("")
@needs(Act.SEE_OPERATIONS)
def index() -> str:
    """Everybody who matches the words and the role."""
    said, role = request.args.get("q", ""), request.args.get("role", "")
    wanted = Role(role) if role in Role.__members__.values() else None
    return render_template(
        "people/index.html",
        people=queries.directory(said, wanted),
        said=said,
        role=role,
        roles=[("", "Every role"), *((role, role.capitalize()) for role in Role)],
    )


@blueprint.get("/<int:number>")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    """One person: what they say of themselves, their teams, their next shift."""
    user = db.session.get(User, number)
    if user is None or user.forgotten_at is not None:
        raise NotFound
    return render_template(
        "people/show.html",
        person=user,
        teams=queries.teams_of(user),
        next_shift=on_call.next_shift(user, clock.now()),
        may_manage=may(viewer(), Act.MANAGE_PEOPLE),
    )
