"""Trends: how long we take, in the words and with the functions of the notebooks.

pandas is loaded by the first look at this page and by nothing else, so that who never looks never pays for it.
"""

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from app import clock
from app.domain.moment import parse as parse_moment
from app.people.rights import Act
from app.web import trends_view
from app.web.access import needs
from app.web.errors import NotFound
from app.web.security import allow_figures
from app.web.trends_view import Scope
from app.web.words import viewer_zone

blueprint = Blueprint("trends", __name__)


@blueprint.get("/trends")
@needs(Act.SEE_OPERATIONS)
def show() -> ResponseReturnValue:
    """Sentences and tables; the figures follow when they come near the view."""
    scope = _scope()
    allow_figures()
    at = clock.now().replace(microsecond=0)
    return render_template("trends/show.html", **vars(trends_view.trends(scope, as_of=at)))


@blueprint.get("/trends/figures")
@needs(Act.SEE_OPERATIONS)
def figures() -> ResponseReturnValue:
    """The page's figures by name, as plotly draws them, in the theme asked for, as known when it was read."""
    as_of = parse_moment(request.args.get("as_of"))
    theme = trends_view.THEMES.get(request.args.get("theme", ""))
    if as_of is None or as_of > clock.now() or theme is None:
        raise NotFound
    drawn = current_app.response_class(
        trends_view.figures(_scope(), as_of=as_of, theme=theme), mimetype="application/json"
    )
    drawn.headers["Cache-Control"] = "private, max-age=3600"  # as known at one moment: it does not change
    return drawn


def _scope() -> Scope:
    """What the chips in the address say. Raises NotFound for one that there is not."""
    kind, weeks = request.args.get("of", "alerts"), request.args.get("weeks", "12")
    team = request.args.get("team") or None
    if kind not in trends_view.KINDS or weeks not in trends_view.WEEKS:
        raise NotFound
    if team is not None and team not in trends_view.team_names():
        raise NotFound
    return Scope(kind, int(weeks), team, trends_view.zone_name(viewer_zone()))
