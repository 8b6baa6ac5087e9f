"""The shadows of a schedule, as a page: who gets copies, and until when."""

from collections.abc import Sequence

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.oncall import shadow as verbs
from app.oncall.models import Schedule, Shadow
from app.oncall.shadow_access import may_end, require_to_add, require_to_end
from app.people import queries
from app.people.models import User
from app.people.rights import Act, may
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import as_number, problems_of, typed, typed_moment
from app.web.redirects import see
from app.web.toast import toast
from app.web.words import plain

blueprint = Blueprint("shadows", __name__, url_prefix="/schedules/<int:number>/shadows")

UNREADABLE = "Say a day and an hour, or leave it empty."


@blueprint.get("")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    return _page(_found(number))


@blueprint.post("")
@needs(Act.SEE_OPERATIONS)
def add_shadow(number: int) -> ResponseReturnValue:
    answers = typed("user_id", "end")
    until = typed_moment(answers["end"])
    if answers["end"].strip() and until is None:
        return _page(_found(number), answers, {"end": UNREADABLE}), 422
    try:
        with transaction():
            schedule = _found(number)
            user = db.session.get(User, request.form.get("user_id", 0, type=as_number))
            if user is None:
                raise InvalidField([("/user_id", "Choose who gets copies.")])
            require_to_add(schedule, user, viewer())
            verbs.add(schedule, user, end=until, by=viewer(), at=clock.now())
    except InvalidField as invalid:
        return _page(_found(number), answers, problems_of(invalid)), 422
    toast("They get copies from now on. Who is on call stays as it was.")
    return see(url_for("shadows.show", number=number))


@blueprint.post("/<int:shadow>/removal")
@needs(Act.SEE_OPERATIONS)
def end_shadow(number: int, shadow: int) -> ResponseReturnValue:
    with transaction():
        row = db.session.get(Shadow, shadow)
        if row is None or row.schedule_id != number:
            raise NotFound
        require_to_end(row.schedule, row.user_id, viewer())
        verbs.end(row, by=viewer(), at=clock.now())
    toast("No more copies from now on.")
    return see(url_for("shadows.show", number=number))


def _found(number: int) -> Schedule:
    schedule = db.session.get(Schedule, number)
    if schedule is None:
        raise NotFound
    return schedule


def _page(
    schedule: Schedule, answers: dict[str, str] | None = None, problems: dict[str, str] | None = None
) -> str:
    here = verbs.ahead(schedule.id, clock.now())
    return render_template(
        "schedules/shadows.html",
        schedule=schedule,
        shadows=[(row, may_end(schedule, row.user_id, viewer())) for row in here],
        to_add=[(user.id, plain(user.name)) for user in _to_add(schedule)],
        answers=answers or {},
        problems=problems or {},
    )


def _to_add(schedule: Schedule) -> Sequence[User]:
    """Whom the viewer may put here."""
    if may(viewer(), Act.COVER_OTHERS, team_id=schedule.team_id):
        return queries.responders()
    return [viewer()] if may(viewer(), Act.RESPOND, team_id=schedule.team_id) else []
