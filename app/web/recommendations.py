"""Recommendations: what to change about alerts, with evidence and backtest; accept, not now or never, and a
reason.
"""

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.words import Choice
from app.people.models import Team
from app.people.rights import Act, may, require
from app.trends import choose, pages
from app.trends.compute import Made
from app.web import trends_view
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import problems_of
from app.web.toast import toast
from app.web.trends import scope_of
from app.web.trends_view import Scope

blueprint = Blueprint("recommendations", __name__)
SHOWN = 20  # cards on the page
WORDS = {Choice.ACCEPT: "Accepted", Choice.NOT_NOW: "Not now", Choice.NEVER: "Never"}


@blueprint.get("/trends/recommendations")
@needs(Act.SEE_OPERATIONS)
def index() -> ResponseReturnValue:
    """What the numbers suggest, the most pages first, with what was said to each."""
    return _page(scope_of("recommendations"))


@blueprint.post("/trends/recommendations")
@needs(Act.SEE_OPERATIONS)
def decide() -> ResponseReturnValue:
    """Keep what somebody says. The recommendation is computed again: a form cannot make one up."""
    scope = scope_of("recommendations")
    require(viewer(), Act.EDIT_SERVICES, team_id=_team_id(scope))
    wanted, word = request.form.get("key", ""), request.form.get("choice", "")
    made = _made(scope)
    found = {one["key"]: one for one in made.says["recommendations"]} if made else {}
    if wanted not in found or word not in Choice.__members__.values():
        raise NotFound
    try:
        with transaction():
            choose.choose(
                {name: value for name, value in found[wanted].items() if name != "key"},
                Choice(word),
                request.form.get("reason", ""),
                by=viewer(),
                at=clock.now(),
            )
    except InvalidField as invalid:
        return _page(scope, (wanted, problems_of(invalid).get("reason", ""))), 422
    toast(f"{WORDS[Choice(word)]}. Nothing was changed by itself.")
    return redirect(url_for("recommendations.index", **scope.words), 303)


def _team_id(scope: Scope) -> int | None:
    """The team whose services a decision is about; None for all teams, which only those who edit all may
    decide for.
    """
    return None if scope.team is None else db.session.scalar(sa.select(Team.id).where(Team.name == scope.team))


def _made(scope: Scope) -> Made | None:
    return pages.at_hand(trends_view.asked(scope), clock.now())


def _page(scope: Scope, problem: tuple[str, str] | None = None) -> str:
    made, said = _made(scope), choose.latest()
    found = made.says["recommendations"] if made else []
    waiting = [one for one in found if one["key"] not in said or said[one["key"]].choice is Choice.NOT_NOW]
    waiting.sort(key=lambda one: one["key"] in said)  # what nobody spoke of comes first
    decided = sorted(said.values(), key=lambda row: row.chosen_at, reverse=True)
    return render_template(
        "trends/recommendations.html",
        found=waiting[:SHOWN],
        more=len(waiting[SHOWN:]),
        said=said,
        decided=decided,
        words=WORDS,
        scope=scope,
        as_of=made.as_of if made else None,
        is_outgrown=made is not None and made.is_outgrown,
        header=made.says["header"] if made else "",
        problem=problem,
        may_choose=may(viewer(), Act.EDIT_SERVICES, team_id=_team_id(scope)),
        tabs=trends_view.tabs(scope),
        teams=trends_view.teams(scope),
        weeks=trends_view.weeks(scope),
        urgencies=trends_view.urgencies(scope),
        services=trends_view.service_names(),
        severities=trends_view.SEVERITIES,
    )
