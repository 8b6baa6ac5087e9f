"""Teams: who belongs where, and what they look after."""

from collections.abc import Sequence
from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts import team_readiness
from app.alerts.models import Service
from app.alerts.remove_team import remove_team
from app.database import db, transaction
from app.domain.completeness import Part, missing
from app.domain.invalid import InvalidField
from app.domain.words import TeamRole
from app.incidents import access
from app.notices import news
from app.oncall import leave_team
from app.oncall import queries as on_call
from app.oncall.models import EscalationPolicy
from app.oncall.remove import InUse
from app.people import change_team, queries, teams
from app.people.models import Membership, Team, User
from app.people.rights import Act, may, require
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import as_number, problems_of, row_number
from app.web.toast import toast

blueprint = Blueprint("teams", __name__, url_prefix="/teams")

TABS = (
    ("on-call", "On call"),
    ("members", "Members"),
    ("services", "Services"),
    ("settings", "Settings"),
)


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
    """One team by tabs: who is on call, members, what it looks after, its settings."""
    return _page(_team(number))


@blueprint.post("/<int:number>")
@needs(Act.SEE_OPERATIONS)
def change(number: int) -> ResponseReturnValue:
    """Its name, manager, description and tags."""
    try:
        with transaction():
            team, at = _managed(number), clock.now()
            before = team.manager_id
            change_team.rename_team(team, request.form.get("name", team.name), by=viewer(), at=at)
            change_team.describe_team(
                team, description=request.form.get("description", ""), tags=request.form.get("tags", ""),
                by=viewer(), at=at,
            )  # fmt: skip
            change_team.set_manager(team, _chosen_manager(), by=viewer(), at=at)
            news.managing(team, before, by=viewer(), at=at)
    except InvalidField as invalid:
        return _page(_team(number), problems_of(invalid), tab="settings"), 422
    toast("Kept.")
    return redirect(url_for("teams.show", number=number, tab="settings"), 303)


@blueprint.post("/<int:number>/removal")
@needs(Act.SEE_OPERATIONS)
def remove(number: int) -> ResponseReturnValue:
    """Only a team that nothing belongs to; what is in the way is named."""
    try:
        with transaction():
            team = _managed(number)
            name = team.name
            remove_team(team, by=viewer(), at=clock.now())
    except InUse as in_use:
        return _page(_team(number), {"removal": str(in_use)}, tab="settings"), 409
    toast(f"{name} is no more.")
    return redirect(url_for("teams.index"), 303)


@blueprint.post("/<int:number>/members")
@needs(Act.SEE_OPERATIONS)
def add_member(number: int) -> ResponseReturnValue:
    """Put somebody in, or give them another role there."""
    role = request.form.get("role", "")
    with transaction():
        team = _managed(number)
        user = db.session.get(User, request.form.get("user_id", 0, type=as_number))
        if user is None or not user.can_respond:
            raise NotFound
        known = role if role in TeamRole.__members__.values() else TeamRole.MEMBER
        before = news.role_in(team, user)
        teams.add_member(team, user, by=viewer(), at=clock.now(), role=TeamRole(known))
        news.membership(team, user, before, by=viewer(), at=clock.now())
        sentence = f"{user.name} is in {team.name}."
    toast(sentence)
    return redirect(url_for("teams.show", number=number, tab="members"), 303)


@blueprint.post("/<int:number>/members/<int:user_id>/removal")
@needs(Act.SEE_OPERATIONS)
def remove_member(number: int, user_id: int) -> ResponseReturnValue:
    """Only whoever has no shift of the team any more; the schedules that name them are."""
    try:
        with transaction():
            team = _managed(number)
            user = db.session.get(User, user_id)
            if user is None:
                raise NotFound
            before = news.role_in(team, user)
            leave_team.remove_member(team, user, by=viewer(), at=clock.now())
            news.membership(team, user, before, by=viewer(), at=clock.now())
            sentence = f"{user.name} is no longer in {team.name}."
    except leave_team.StillInShifts as still:
        return _page(_team(number), tab="members", still=still), 409
    toast(sentence)
    return redirect(url_for("teams.show", number=number, tab="members"), 303)


def _chosen_manager() -> User | None:
    """Who was chosen; None for nobody. Raises InvalidField for somebody who is not here."""
    said = request.form.get("manager_id", "")
    if not said:
        return None
    user = db.session.get(User, row_number(said))
    if user is None or not user.can_respond:
        raise InvalidField([("/manager_id", "Somebody who is here and may be paged.")])
    return user


def _team(number: int) -> Team:
    team = db.session.get(Team, number)
    if team is None:
        raise NotFound
    return team


def _managed_by_viewer(found: Sequence[Team]) -> list[Team]:
    return [team for team in found if may(viewer(), Act.MANAGE_TEAM, team_id=team.id)]


def _managed(number: int) -> Team:
    team = _team(number)
    require(viewer(), Act.MANAGE_TEAM, team_id=number)
    return team


def _index(problems: dict[str, str] | None = None) -> str:
    said = request.args.get("q", "")
    found = queries.teams_like(said)
    lists = team_readiness.of(_managed_by_viewer(found), at=clock.now())
    return render_template(
        "teams/index.html",
        teams=found,
        lacking={number: len(missing(items)) for number, items in lists.items()},
        said=said,
        may_create=may(viewer(), Act.CREATE_TEAMS),
        problems=problems or {},
        answers=request.form,
    )


def _page(
    team: Team,
    problems: dict[str, str] | None = None,
    *,
    tab: str | None = None,
    still: leave_team.StillInShifts | None = None,
) -> str:
    at, number = clock.now(), team.id
    members = {membership.user_id for membership in team.memberships}
    may_manage = may(viewer(), Act.MANAGE_TEAM, team_id=number)
    here = tab or request.args.get("tab", "")
    people = [user for user in queries.active_users() if user.can_respond]
    # it names services, which other teams' people may not read
    items = team_readiness.of([team], at=at)[number] if may(viewer(), Act.RESPOND, team_id=number) else ()
    board = [row for row in on_call.on_call_board(at) if row.schedule.team_id == number]
    seen = access.services_seen_by(viewer())
    policies = db.select(EscalationPolicy).where(EscalationPolicy.team_id == number)
    return render_template(
        "teams/show.html",
        team=team,
        may_page=may(viewer(), Act.PAGE_A_PERSON),
        here=here if here in dict(TABS) else TABS[0][0],
        tabs=TABS,
        items=items,
        missing=missing(items),
        fixes=_fixes(team, has_schedule=bool(board)),
        board=board,
        members=[(one, on_call.next_shift(one.user, at)) for one in sorted(team.memberships, key=_by_name)],
        services=db.session.scalars(
            db.select(Service).where(Service.team_id == number, Service.is_active, seen).order_by(Service.name)
        ).all(),
        policies=db.session.scalars(policies.order_by(EscalationPolicy.name)).all(),
        others=[(user.id, user.name) for user in people if user.id not in members],
        managers=[("", "Nobody: all administrators"), *((user.id, user.name) for user in people)],
        roles=[(TeamRole.MEMBER, "Member"), (TeamRole.MANAGER, "Manager")],
        may_manage=may_manage,
        may_edit_on_call=may(viewer(), Act.EDIT_ON_CALL, team_id=number),
        still=still,
        problems=problems or {},
        answers=request.form if problems else {},
    )


def _by_name(membership: Membership) -> str:
    return membership.user.name


def _fixes(team: Team, *, has_schedule: bool) -> dict[Part, tuple[str, str]]:
    """Where each missing piece is mended."""
    here = partial(url_for, "teams.show", number=team.id)
    return {
        Part.MANAGER: (here(tab="settings", _anchor="manager_id"), "Name a manager"),
        Part.MEMBERS: (here(tab="members"), "Add people"),
        Part.DEVICES: (here(tab="members"), "See who"),
        Part.SCHEDULE: (
            (url_for("on_call.show"), "See who is on call")
            if has_schedule
            else (url_for("schedule_editor.new", team_id=team.id), "Make a schedule")
        ),
        Part.IN_A_SHIFT: (here(tab="members"), "See who"),
        Part.POLICY: (url_for("setup.show"), "Go through set-up"),
        Part.SERVICE: (url_for("services.index"), "See the services"),
    }
