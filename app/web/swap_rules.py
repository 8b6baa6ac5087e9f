"""What a schedule asks of swaps, as a form: approval, what approves by itself, rest, who else may."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.interval import Interval, to_the_minute
from app.domain.invalid import InvalidField
from app.domain.swap import SwapRules
from app.oncall import swap_rules as verbs
from app.oncall.models import Schedule
from app.oncall.queries import HORIZON
from app.oncall.swap_people import on_roster, roster_for, rules_of
from app.people import queries
from app.people.rights import Act, may, require
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import as_number, problems_of
from app.web.redirects import see
from app.web.toast import toast

blueprint = Blueprint("swap_rules", __name__, url_prefix="/schedules/<int:number>/swap-rules")

TICKS = ("needs_approval", "auto_rest_kept", "auto_on_roster")


@blueprint.get("")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    schedule = _found(number)
    return _page(schedule, _as_typed(rules_of(schedule.id)))


@blueprint.post("")
@needs(Act.SEE_OPERATIONS)
def change_swap_rules(number: int) -> ResponseReturnValue:
    """Other rules, for whatever is accepted from now on."""
    answers: dict[str, object] = {name: name in request.form for name in TICKS}
    rest, ahead = request.form.get("rest_hours", ""), request.form.get("auto_hours_ahead", "").strip()
    eligible = request.form.getlist("eligible", type=as_number)
    answers |= {"rest_hours": rest, "auto_hours_ahead": ahead, "eligible": eligible}
    try:
        with transaction():
            schedule = _found(number)
            require(viewer(), Act.EDIT_ON_CALL, team_id=schedule.team_id)
            verbs.set_rules(
                schedule, needs_approval=bool(answers["needs_approval"]), rest_hours=_whole(rest),
                auto_hours_ahead=_whole(ahead) if ahead else None, eligible=eligible,
                auto_rest_kept=bool(answers["auto_rest_kept"]), auto_on_roster=bool(answers["auto_on_roster"]),
                by=viewer(), at=clock.now(),
            )  # fmt: skip
    except InvalidField as invalid:
        return _page(_found(number), answers, problems_of(invalid)), 422
    toast("Kept, for whatever is accepted from now on.")
    return see(url_for("swap_rules.show", number=number))


def _whole(typed: str) -> int:
    """The number that was typed; what is none is as wrong as one below zero."""
    typed = typed.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else -1


def _as_typed(rules: SwapRules) -> dict[str, object]:
    ahead = "" if rules.auto_ahead is None else rules.auto_ahead.total_seconds() / 3600
    return {
        "needs_approval": rules.needs_approval,
        "rest_hours": f"{rules.rest.total_seconds() / 3600:.0f}",
        "auto_hours_ahead": ahead if isinstance(ahead, str) else f"{ahead:.0f}",
        "auto_rest_kept": rules.auto_rest_kept,
        "auto_on_roster": rules.auto_on_roster,
        "eligible": sorted(rules.eligible),
    }


def _found(number: int) -> Schedule:
    schedule = db.session.get(Schedule, number)
    if schedule is None:
        raise NotFound
    return schedule


def _page(schedule: Schedule, answers: dict[str, object], problems: dict[str, str] | None = None) -> str:
    now = to_the_minute(clock.now())
    own = on_roster(roster_for(schedule.id, Interval(now, now + HORIZON)))
    return render_template(
        "schedules/swap_rules.html",
        schedule=schedule,
        answers=answers,
        problems=problems or {},
        others=[user for user in queries.active_users() if user.id not in own],
        may_edit=may(viewer(), Act.EDIT_ON_CALL, team_id=schedule.team_id),
    )
