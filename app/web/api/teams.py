"""/api/v1/teams: who belongs together, and who manages them."""

import sqlalchemy as sa
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import selectinload

from app import clock
from app.alerts.remove_team import remove_team
from app.database import db, transaction
from app.notices import news
from app.oncall import leave_team
from app.people import change_team
from app.people import teams as verbs
from app.people.models import Membership, Team, User
from app.people.rights import Act
from app.web import serialize
from app.web.api.auth import me, need
from app.web.api.find import found, named
from app.web.api.listing import each, listing
from app.web.api.noun import noun
from app.web.api.shapes import people as shapes
from app.web.api.shapes.common import Listing

teams = noun("teams", "People who look after services together.")


@teams.get("")
@teams.input(shapes.TeamQuery, location="query", arg_name="query")
@teams.output(Listing[shapes.Team])
def list_teams(query: shapes.TeamQuery) -> Listing[shapes.Team]:
    """List teams."""
    need(Act.SEE_INCIDENTS)
    select = sa.select(Team).options(selectinload(Team.memberships).joinedload(Membership.user))
    if query.name:
        select = select.where(Team.name.in_(query.name))
    return listing(select, query, each(serialize.team), by=[Team.id])


@teams.post("")
@teams.input(shapes.TeamDraft, arg_name="draft")
@teams.output(shapes.Team, 201)
def create_team(draft: shapes.TeamDraft) -> shapes.Team:
    """Make a team."""
    with transaction():
        need(Act.CREATE_TEAMS)
        manager = None if draft.manager_id is None else named(User, draft.manager_id, "person", "#/manager_id")
        return serialize.team(verbs.create_team(draft.name, by=me(), at=clock.now(), manager=manager))


@teams.get("/<id>")
@teams.output(shapes.Team)
def show_team(id: str) -> shapes.Team:
    """Show a team."""
    need(Act.SEE_INCIDENTS)
    return serialize.team(found(Team, id, "team"))


@teams.patch("/<id>")
@teams.input(shapes.TeamChanges, arg_name="changes")
@teams.output(shapes.Team)
def change_a_team(id: str, changes: shapes.TeamChanges) -> shapes.Team:
    """Change a team's name, manager, description or tags."""
    with transaction():
        team = found(Team, id, "team")
        need(Act.MANAGE_TEAM, team_id=team.id)
        given, at = changes.given(), clock.now()
        if "name" in given:
            change_team.rename_team(team, changes.name, by=me(), at=at)
        if "description" in given or "tags" in given:
            change_team.describe_team(
                team, description=given.get("description", team.description), tags=given.get("tags", team.tags),
                by=me(), at=at,
            )  # fmt: skip
        if "manager_id" in given:
            manager = changes.manager_id and named(User, changes.manager_id, "person", "#/manager_id")
            before = team.manager_id
            change_team.set_manager(team, manager or None, by=me(), at=at)
            news.managing(team, before, by=me(), at=at)
        return serialize.team(team)


@teams.delete("/<id>")
@teams.output({}, 204)
def delete_team(id: str) -> ResponseReturnValue:
    """Delete a team. 409 names what still belongs to it: services, schedules, policies, alerts it had."""
    with transaction():
        team = found(Team, id, "team")
        need(Act.MANAGE_TEAM, team_id=team.id)
        remove_team(team, by=me(), at=clock.now())
    return "", 204


@teams.put("/<id>/members/<user_id>")
@teams.input(shapes.MemberDraft, arg_name="draft")
@teams.output(shapes.Team)
def add_member(id: str, user_id: str, draft: shapes.MemberDraft) -> shapes.Team:
    """Put a person into a team, or change their role in it."""
    with transaction():
        team, user = found(Team, id, "team"), found(User, user_id, "person")
        need(Act.MANAGE_TEAM, team_id=team.id)
        before = news.role_in(team, user)
        verbs.add_member(team, user, by=me(), at=clock.now(), role=draft.role)
        news.membership(team, user, before, by=me(), at=clock.now())
        db.session.refresh(team)
        return serialize.team(team)


@teams.delete("/<id>/members/<user_id>")
@teams.output({}, 204)
def remove_member(id: str, user_id: str) -> ResponseReturnValue:
    """Take a person out of a team. 409 names its schedules on which they have shifts, now or to come.

    Somebody who is not in it is out already.
    """
    with transaction():
        team, user = found(Team, id, "team"), found(User, user_id, "person")
        need(Act.MANAGE_TEAM, team_id=team.id)
        before = news.role_in(team, user)
        leave_team.remove_member(team, user, by=me(), at=clock.now())
        news.membership(team, user, before, by=me(), at=clock.now())
    return "", 204
