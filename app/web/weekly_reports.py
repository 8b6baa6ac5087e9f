"""Weekly reports: each chooses notebooks for themselves, and reads what was rendered."""

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.notices import mail
from app.people.models import Team
from app.people.rights import Act, may
from app.trends import weekly
from app.trends.models import WeeklyPage
from app.web import trends_view
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import row_number
from app.web.redirects import see
from app.web.rendered import rendered
from app.web.toast import toast

blueprint = Blueprint("weekly_reports", __name__, url_prefix="/trends/reports")


@blueprint.get("")
@needs(Act.SEE_OPERATIONS)
def index() -> ResponseReturnValue:
    """What one gets each Monday, of which team, and what came so far."""
    team, person = _team(request.args.get("team")), viewer()
    names = trends_view.team_names()
    if team is None and not may(person, Act.SEE_ALL_TEAMS):
        team = _team(names[0]) if names else None
    whole = [None] if may(person, Act.SEE_ALL_TEAMS) else []
    return render_template(
        "trends/reports.html",
        team=team,
        chips=[
            trends_view.Chip(
                name or "All teams", url_for(".index", team=name), name == (None if team is None else team.name)
            )
            for name in (*whole, *names)
        ],
        questions=weekly.QUESTIONS,
        chosen=weekly.chosen_by(person).get(None if team is None else team.id, set()),
        pages=weekly.readable(person),
        failing=weekly.failing(person, clock.now()),
        mail_works=mail.works(),
    )


@blueprint.post("")
@needs(Act.SEE_OPERATIONS)
def choose() -> ResponseReturnValue:
    """From now on these notebooks, of this team."""
    team, person = _team(request.form.get("team")), viewer()
    if not weekly.may_read(person, None if team is None else team.id):
        raise NotFound
    try:
        with transaction():
            weekly.choose(person, team, request.form.getlist("notebook"), at=clock.now())
    except ValueError as strange:
        raise NotFound from strange
    toast("Kept. The next ones are made on Monday from 06:00.")
    return see(url_for(".index", team=team and team.name))


@blueprint.get("/page")
@needs(Act.SEE_OPERATIONS)
def page() -> ResponseReturnValue:
    """One that was rendered."""
    number = request.args.get("number", "")
    found = db.session.get(WeeklyPage, row_number(number))
    if found is None or not weekly.may_read(viewer(), found.team_id):
        raise NotFound
    return rendered(found.html, f"{found.notebook}-{found.week}.html")


def _team(name: str | None) -> Team | None:
    """The team of that name, if the viewer may see its figures. Raises NotFound."""
    if not name:
        return None
    if name not in trends_view.team_names():
        raise NotFound
    return db.session.scalar(sa.select(Team).where(Team.name == name))
