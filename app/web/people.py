"""People: who is here, who knows what, and what time it is where they are."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.notice import CATEGORIES
from app.domain.words import Role
from app.leaving.change_role import change_role as change_role_of
from app.notices import preferences
from app.oncall import queries as on_call
from app.oncall.time_off_access import may_enter_for
from app.people import queries
from app.people.models import User
from app.people.rights import Act, may
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import problems_of
from app.web.notices import CHANNELS
from app.web.redirects import see
from app.web.toast import toast

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
    return _shown(number)


@blueprint.get("/<int:number>/notices")
@needs(Act.MANAGE_PEOPLE)
def notices(number: int) -> str:
    """What the person chose to be told of: to be looked at, not to be changed (L-NOT-03)."""
    person = db.session.get(User, number)
    if person is None:
        raise NotFound
    return render_template(
        "people/notices.html",
        person=person,
        choices=preferences.all_of(person),
        categories=CATEGORIES,
        channels=CHANNELS,
    )


@blueprint.post("/<int:number>/role")
@needs(Act.MANAGE_PEOPLE)
def change_role(number: int) -> ResponseReturnValue:
    """Another role, from now on; the last administrator keeps theirs."""
    wanted = request.form.get("role", "")
    if wanted not in list(Role):
        raise NotFound
    try:
        with transaction():
            user = db.session.get(User, number)
            if user is None or not user.is_active:
                raise NotFound
            change_role_of(user, Role(wanted), by=viewer(), at=clock.now())
            says = f"{user.name} is {'an' if wanted == Role.ADMINISTRATOR else 'a'} {wanted} now."
    except InvalidField as invalid:
        return _shown(number, problems_of(invalid)), 422
    toast(says)
    return see(url_for("people.show", number=number))


def _shown(number: int, problems: dict[str, str] | None = None) -> str:
    user = db.session.get(User, number)
    if user is None or user.forgotten_at is not None:
        raise NotFound
    return render_template(
        "people/show.html",
        person=user,
        teams=queries.teams_of(user),
        next_shift=on_call.next_shift(user, clock.now()),
        may_manage=may(viewer(), Act.MANAGE_PEOPLE),
        may_page=user.id != viewer().id and may(viewer(), Act.PAGE_A_PERSON) and may(user, Act.SEE_OPERATIONS),
        may_enter_time_off=may_enter_for(user, viewer()),
        roles=[(role, role.capitalize()) for role in Role],
        problems=problems or {},
    )
