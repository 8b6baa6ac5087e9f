"""Trends: what to fix, in the words and with the functions of the notebooks.

pandas is loaded by the first look at these pages and by nothing else, so that who never looks never pays for
it.
"""

from dataclasses import replace
from datetime import datetime

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts.models import Service
from app.database import db
from app.domain.moment import parse as parse_moment
from app.people.rights import Act
from app.trends import pages
from app.web import trends_behind, trends_view
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.security import allow_figures
from app.web.spreadsheet import as_csv
from app.web.trends_view import Scope
from app.web.words import viewer_zone

blueprint = Blueprint("trends", __name__)


@blueprint.get("/trends")
@needs(Act.SEE_OPERATIONS)
def home() -> ResponseReturnValue:
    """Sentences and tables; the figures follow when they come near the view."""
    return _page(scope_of("home"))


@blueprint.get("/trends/<any(response, alerts, load):page>")
@needs(Act.SEE_OPERATIONS)
def show(page: str) -> ResponseReturnValue:
    """One of the pages behind the overview."""
    return _page(scope_of(page))


@blueprint.get("/services/<int:number>/trends")
@needs(Act.SEE_OPERATIONS)
def service(number: int) -> ResponseReturnValue:
    """One service: how it responds, what it cost, which of its rules are loud."""
    found = db.session.get(Service, number)
    if found is None or found.name not in trends_view.service_names():
        raise NotFound
    return _page(replace(scope_of("service", service=found.name), number=number), title=found.name)


@blueprint.get("/trends/figures")
@needs(Act.SEE_OPERATIONS)
def figures() -> ResponseReturnValue:
    """A page's figures by name, as plotly draws them, in the theme asked for, as known when it was read."""
    page, theme = request.args.get("page", "home"), trends_view.THEMES.get(request.args.get("theme", ""))
    if page not in trends_view.PAGES or theme is None:
        raise NotFound
    drawn = current_app.response_class(
        pages.figures(trends_view.asked(scope_of(page)), theme, as_of=_as_of(), now=clock.now()),
        mimetype="application/json",
    )
    drawn.headers["Cache-Control"] = "private, max-age=3600"  # as known at one moment: it does not change
    return drawn


@blueprint.get("/trends/table.csv")
@needs(Act.SEE_OPERATIONS)
def table() -> ResponseReturnValue:
    """A card's whole table, as known when its page was read."""
    page, name = request.args.get("page", "home"), request.args.get("card", "")
    if page not in trends_view.PAGES:
        raise NotFound
    found = pages.table(trends_view.asked(scope_of(page)), name, as_of=_as_of(), now=clock.now())
    if found is None:
        raise NotFound
    written = current_app.response_class(as_csv(found["columns"], found["rows"]), mimetype="text/csv")
    written.headers["Content-Disposition"] = f"attachment; filename={found['name']}.csv"
    return written


@blueprint.get("/trends/behind")
@needs(Act.SEE_OPERATIONS)
def behind() -> ResponseReturnValue:
    """The incidents or alerts behind a figure's point."""
    scope, at = scope_of(_came_from()), _as_of()
    names = ("week", "day", "hour", "rule", "target", "hands", "only")
    asked = {name: request.args[name] for name in names if request.args.get(name)}
    found = trends_behind.rows(scope, at, asked, person=viewer())
    if found is None:
        raise NotFound
    return render_template("trends/behind.html", found=found, scope=scope, as_of=at)


def _came_from() -> str:
    """The page whose figure it is; the overview, where the address names none or a service."""
    page = request.args.get("page", "home")
    return page if page in trends_view.PAGES and page != "service" else "home"


def scope_of(page: str, *, service: str | None = None) -> Scope:
    """What the address says. Raises NotFound for a filter that there is not, or whose rows are not the
    viewer's.
    """
    kind, weeks = request.args.get("of", "alerts"), request.args.get("weeks", "12")
    team, severity = request.args.get("team") or None, request.args.get("severity") or None
    service = service or request.args.get("service") or None
    urgency = request.args.get("urgency") or None
    known = kind in trends_view.KINDS and weeks in trends_view.WEEKS
    known = known and (team is None or team in trends_view.team_names())
    known = known and (service is None or service in trends_view.service_names())
    known = known and (urgency is None or urgency in trends_view.URGENCIES)
    if not known or (severity is not None and severity not in trends_view.SEVERITIES):
        raise NotFound
    zone = trends_view.zone_name(viewer_zone())
    return Scope(kind, int(weeks), team, zone, page, service, severity, urgency)


def _page(scope: Scope, title: str | None = None) -> ResponseReturnValue:
    allow_figures()
    named = title or trends_view.PAGES[scope.page][0]
    told = trends_view.trends(scope)
    return render_template("trends/show.html", title=named, **vars(told)), 200 if told.as_of else 202


def _as_of() -> datetime:
    """The moment the page was read at. Raises NotFound for none, and for one that is yet to come."""
    at = parse_moment(request.args.get("as_of"))
    if at is None or at > clock.now():
        raise NotFound
    return at
