"""Handing over: what is open, what comes back in my shift, what the other one leaves me, and "I have it"."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.lifecycle import InvalidTransition
from app.oncall import handoff
from app.oncall.handoff_access import seen_by
from app.oncall.models import Handoff
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.alert_view import row as alert_row
from app.web.errors import NotFound
from app.web.handoff_view import handed_over
from app.web.toast import toast

blueprint = Blueprint("handoff", __name__, url_prefix="/handoff")


@blueprint.get("")
@needs(Act.SEE_OPERATIONS)
def index() -> ResponseReturnValue:
    """Mine; where there is one only, itself."""
    mine = handoff.of(viewer(), clock.now())
    if len(mine) == 1:
        return redirect(url_for("handoff.show", number=mine[0].id), 303)
    return render_template("handoff/index.html", handoffs=mine)


@blueprint.get("/<int:number>")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    row, me = _seen(number), viewer()
    there = handed_over(row, me)
    return render_template(
        "handoff/show.html",
        row=row, shift=there.shift,
        comes_back=[(wakes, alert_row(alert, me)) for wakes, alert in there.comes_back],
        open=[alert_row(alert, me) for alert in there.open],
        i_come=row.incoming_id == me.id, i_go=row.outgoing_id == me.id, longest=handoff.LONGEST_NOTE,
    )  # fmt: skip


@blueprint.post("/<int:number>/confirmation")
@needs(Act.SEE_OPERATIONS)
def confirm(number: int) -> ResponseReturnValue:
    return _do(number, "You have it.", lambda row: handoff.confirm(row, by=viewer(), at=clock.now()))


@blueprint.post("/<int:number>/note")
@needs(Act.SEE_OPERATIONS)
def write_note(number: int) -> ResponseReturnValue:
    text = request.form.get("text", "")
    return _do(number, "Kept.", lambda row: handoff.write_note(row, text, by=viewer(), at=clock.now()))


@blueprint.post("/<int:number>/stay")
@needs(Act.SEE_OPERATIONS)
def stay(number: int) -> ResponseReturnValue:
    told = "They know that you are there. You are not paged."
    return _do(number, told, lambda row: handoff.stay(row, by=viewer(), at=clock.now()))


def _do(number: int, done: str, verb: Callable[[Handoff], None]) -> ResponseReturnValue:
    """One verb on a handoff that the viewer sees, and back to it; what is not theirs is said."""
    try:
        with transaction():
            verb(_seen(number))
    except (handoff.NotYours, InvalidTransition) as refused:
        toast(str(refused), failed=True)
    else:
        toast(done)
    return redirect(url_for("handoff.show", number=number), 303)


def _seen(number: int) -> Handoff:
    row = db.session.scalar(sa.select(Handoff).where(Handoff.id == number, seen_by(viewer())))
    if row is None:
        raise NotFound
    return row
