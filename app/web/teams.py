"""Teams: who belongs where, and what they look after."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts.models import Service
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.words import Role, TeamRole
from app.incidents import access
from app.notices import news
from app.people import queries, teams
from app.people.models import Team, User
from app.people.rights import Act, may, require
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import problems_of
from app.web.toast import toast

blueprint = Blueprint("teams", __name__, url_prefix="/teams")


@blueprint.get("")
@needs(Act.SEE_OPERATIONS)
def index() -> str:
    return _index()


@blueprint.post("")
@needs(Act.CREATE_TEAMS)
def create() -> ResponseReturnValue:
    try:
        with transaction():
            team = teams.create_team(
                request.form.get("name", ""), by=viewer(), at=clock.now(), manager=viewer()
            )
            teams.add_member(team, viewer(), by=viewer(), at=clock.now(), role=TeamRole.MANAGER)
            number = team.id
    except InvalidField as invalid:
        return _index(problems_of(invalid)), 422
    return redirect(url_for("teams.show", number=number), 303)


@blueprint.get("/<int:number>")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    team = _team(number)
    members = {membership.user_id for membership in team.memberships}
    return render_template(
        "teams/show.html",
        team=team,
        members=sorted(team.memberships, key=lambda one: one.user.name),
        services=db.session.scalars(
            db.select(Service)
            .where(Service.team_id == number, Service.is_active, access.services_seen_by(viewer()))
            .order_by(Service.name)
        ).all(),
        others=[
            (user.id, user.name)
            for user in queries.active_users()
            if user.id not in members and user.role != Role.STAKEHOLDER
        ],
        roles=[(TeamRole.MEMBER, "Member"), (TeamRole.MANAGER, "Manager")],
        may_manage=may(viewer(), Act.MANAGE_TEAM, team_id=number),
    )


@blueprint.post("/<int:number>/members")
@needs(Act.SEE_OPERATIONS)
def add_member(number: int) -> ResponseReturnValue:
    """Put somebody in, or give them another role there."""
    role = request.form.get("role", "")
    with transaction():
        team = _managed(number)
        user = db.session.get(User, request.form.get("user_id", 0, type=int))
        if user is None or not user.is_active or user.role == Role.STAKEHOLDER:
            raise NotFound
        known = role if role in TeamRole.__members__.values() else TeamRole.MEMBER
        before = news.role_in(team, user)
        teams.add_member(team, user, by=viewer(), at=clock.now(), role=TeamRole(known))
        news.membership(team, user, before, by=viewer(), at=clock.now())
        sentence = f"{user.name} is in {team.name}."
    toast(sentence)
    return redirect(url_for("teams.show", number=number), 303)


@blueprint.post("/<int:number>/members/<int:user_id>/removal")
@needs(Act.SEE_OPERATIONS)
def remove_member(number: int, user_id: int) -> ResponseReturnValue:
    with transaction():
        team = _managed(number)
        user = db.session.get(User, user_id)
        if user is None:
            raise NotFound
        before = news.role_in(team, user)
        teams.remove_member(team, user, by=viewer(), at=clock.now())
        news.membership(team, user, before, by=viewer(), at=clock.now())
        sentence = f"{user.name} is no longer in {team.name}. Schedules keep them until somebody changes those."
    toast(sentence)
    return redirect(url_for("teams.show", number=number), 303)


def _team(number: int) -> Team:
    team = db.session.get(Team, number)
    if team is None:
        raise NotFound
    return team


def _managed(number: int) -> Team:
    team = _team(number)
    require(viewer(), Act.MANAGE_TEAM, team_id=number)
    return team


def _index(problems: dict[str, str] | None = None) -> str:
    return render_template(
        "teams/index.html",
        teams=queries.teams(),
        may_create=may(viewer(), Act.CREATE_TEAMS),
        problems=problems or {},
        answers=request.form,
    )
