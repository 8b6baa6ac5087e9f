"""Somebody leaves: one page with every place they hold, each handed over or ended, applied at once.

Also the tombstone of somebody who has left, and each person's own data as JSON.
"""

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.words import Role
from app.leaving.duties import Duty, duties_of
from app.leaving.forget import forget
from app.leaving.hand_over import StillHolds, leave
from app.leaving.own_data import own_data
from app.oncall.queries import shifts_of
from app.people import queries
from app.people.models import ApiToken, User
from app.people.rights import Act
from app.web.access import needs, signed_in, viewer
from app.web.errors import NotFound
from app.web.form import as_number
from app.web.toast import toast

blueprint = Blueprint("leaving", __name__)

ENDS = "ends"  # what a form says for "nobody takes it over"


@blueprint.get("/people/<int:number>/departure")
@needs(Act.MANAGE_PEOPLE)
def show(number: int) -> str:
    """`to` in the address chooses one person for everything, to be changed place by place."""
    return _page(_person(number), {}, everything_to=request.args.get("to", type=as_number))


@blueprint.post("/people/<int:number>/departure")
@needs(Act.MANAGE_PEOPLE)
def let_go(number: int) -> ResponseReturnValue:
    try:
        with transaction():
            user = _person(number)
            name = user.name
            handed = leave(user, _choices(), by=viewer(), at=clock.now())
    except StillHolds as holds:
        return _page(_person(number), {duty.key: "Choose who takes it over." for duty in holds.duties}), 409
    except InvalidField as invalid:
        problems = {pointer.rpartition("/")[2]: sentence for pointer, sentence in invalid.errors}
        return _page(_person(number), problems), 422
    places = "one place was" if len(handed) == 1 else f"{len(handed)} places were"
    toast(f"{name} has left." + (f" {places.capitalize()} handed over." if handed else ""))
    return redirect(url_for("people.show", number=number), 303)


@blueprint.post("/people/<int:number>/erasure")
@needs(Act.MANAGE_PEOPLE)
def erase(number: int) -> ResponseReturnValue:
    """Make a tombstone. The name is typed to make sure it is the right person: nothing brings them back."""
    with transaction():
        user = _person(number)
        if request.form.get("name", "").strip() != user.name:
            toast(f"Type {user.name} to confirm. Nothing was changed.", failed=True)
            return redirect(url_for("people.show", number=number), 303)
        forget(user, by=viewer(), at=clock.now())
        name = user.name
    toast(f"Forgotten. In history stands {name}.")
    return redirect(url_for("people.index"), 303)


@blueprint.get("/me/data")
@signed_in
def export() -> Response:
    """All that is kept about me, as a file."""
    answer = jsonify(own_data(viewer()))
    answer.headers["Content-Disposition"] = 'attachment; filename="nightbell-my-data.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _person(number: int) -> User:
    user = db.session.get(User, number)
    if user is None or user.forgotten_at is not None:
        raise NotFound
    return user


def _choices() -> dict[str, int | None]:
    """What was chosen for each place; a place left open is left out."""
    chosen = {key.removeprefix("to."): said for key, said in request.form.items() if key.startswith("to.")}
    return {
        key: None if said == ENDS else int(said)
        for key, said in chosen.items()
        if said == ENDS or (said.isdecimal() and len(said) < 10)
    }


def _page(user: User, problems: dict[str, str], *, everything_to: int | None = None) -> str:
    at = clock.now()
    duties = duties_of(user, at=at) if user.is_active else []
    here = [one for one in queries.active_users() if one.id != user.id and one.role != Role.STAKEHOLDER]
    shifts = shifts_of(user, at)
    return render_template(
        "people/departure.html",
        person=user,
        duties=duties,
        problems=problems,
        options={duty.key: _options(duty, here) for duty in duties},
        chosen={duty.key: request.form.get(f"to.{duty.key}", everything_to or "") for duty in duties},
        here=[("", "Choose"), *((one.id, one.name) for one in here)],
        is_self=user.id == viewer().id,
        on_call_now=[shift.schedule.name for shift in shifts if shift.is_now],
        tokens=db.session.scalars(
            db.select(ApiToken.name).where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
        ).all(),
    )


def _options(duty: Duty, here: list[User]) -> list[tuple[int | str, str]]:
    ends: list[tuple[int | str, str]] = [(ENDS, "Nobody: it ends")] if duty.may_end else []
    return [("", "Choose"), *((one.id, one.name) for one in here), *ends]
