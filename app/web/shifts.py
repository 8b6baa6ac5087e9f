"""One shift by itself: who, why, how long, what it counts; ask for cover, or put somebody on its hours."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.oncall import override
from app.oncall.models import Override, Schedule
from app.oncall.override_access import require_to_override
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import as_number, typed_moment
from app.web.shift_view import shift_view
from app.web.toast import toast

blueprint = Blueprint("shifts", __name__)


@blueprint.get("/shifts/<int:number>")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    """The shift of schedule `number` that `?at=` is in, now unless given; a gap is one, too."""
    at = typed_moment(request.args.get("at")) or clock.now()
    return render_template("schedules/shift.html", view=shift_view(_schedule(number), at, viewer()))


@blueprint.post("/schedules/<int:number>/overrides")
@needs(Act.SEE_OPERATIONS)
def put_on(number: int) -> ResponseReturnValue:
    """Put a person on these hours, in another's place where one is named; the newest such change wins."""
    start, end = typed_moment(request.form.get("start")), typed_moment(request.form.get("end"))
    comes, goes = (request.form.get(name, type=as_number) for name in ("user_id", "replaces_user_id"))
    try:
        with transaction():
            schedule = _schedule(number)
            require_to_override(viewer(), schedule, comes=comes, goes=goes)
            if start is None or end is None:
                toast("Say from when to when.", failed=True)
            else:
                override.add(
                    schedule_id=schedule.id, start=start, end=end, user_id=comes,
                    replaces_user_id=None if goes == comes else goes, by=viewer(), at=clock.now(),
                )  # fmt: skip
                toast("It counts from now on. Whoever it concerns is told.")
    except InvalidField as invalid:
        toast(f"Nothing changed: {invalid.errors[0][1]}.", failed=True)
    return redirect(url_for("shifts.show", number=number, at=start.isoformat() if start else None), 303)


@blueprint.post("/overrides/<int:number>/removal")
@needs(Act.SEE_OPERATIONS)
def remove(number: int) -> ResponseReturnValue:
    """Take such a change back, from now on."""
    try:
        with transaction():
            row = db.session.get(Override, number)
            if row is None:
                raise NotFound
            schedule_id, start = row.schedule_id, row.start
            require_to_override(viewer(), _schedule(schedule_id), comes=row.user_id, goes=row.replaces_user_id)
            override.cancel(row, by=viewer(), at=clock.now())
        toast("Taken back. The schedule answers again.")
    except (InvalidTransition, override.AlreadyOver) as refused:
        toast(str(refused), failed=True)
    return redirect(url_for("shifts.show", number=schedule_id, at=start.isoformat()), 303)


def _schedule(number: int) -> Schedule:
    row = db.session.get(Schedule, number)
    if row is None:
        raise NotFound
    return row
