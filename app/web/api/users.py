"""/api/v1/users: people and their roles. Adding or changing others takes an administrator and scope admin."""

import sqlalchemy as sa
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import selectinload

from app import clock
from app.database import transaction
from app.notices import news
from app.people import change_user, queries
from app.people import users as verbs
from app.people.models import Membership, User
from app.people.rights import Act, Scope
from app.web import serialize
from app.web.api.auth import me, need, need_scope
from app.web.api.find import found, numbers
from app.web.api.listing import each, listing
from app.web.api.noun import noun
from app.web.api.problems import not_found
from app.web.api.shapes import people as shapes
from app.web.api.shapes.common import Listing

users = noun("users", "People, with the role that says what each may do.")

OWN_FIELDS = {"name", "time_zone"}  # what people change about themselves


@users.get("")
@users.input(shapes.UserQuery, location="query", arg_name="query")
@users.output(Listing[shapes.User])
def list_users(query: shapes.UserQuery) -> Listing[shapes.User]:
    """List people. Those who have left are shown with `is_active=false` only."""
    need(Act.SEE_INCIDENTS)
    select = sa.select(User).options(selectinload(User.memberships).joinedload(Membership.team))
    select = select.where(User.is_active == query.is_active)
    if query.email:
        select = select.where(User.email.in_([email.strip().lower() for email in query.email]))
    if query.name:
        select = select.where(User.name.in_(query.name))
    if query.role:
        select = select.where(User.role.in_(query.role))
    if query.team_id:
        members = sa.select(Membership.user_id).where(Membership.team_id.in_(numbers(query.team_id)))
        select = select.where(User.id.in_(members))
    return listing(select, query, each(serialize.user), by=[User.id])


@users.post("")
@users.input(shapes.UserDraft, arg_name="draft")
@users.output(shapes.User, 201)
def create_user(draft: shapes.UserDraft) -> shapes.User:
    """Add a person."""
    need_scope(Scope.ADMIN)
    with transaction():
        need(Act.MANAGE_PEOPLE)
        organisation = queries.organisation()
        zone = draft.time_zone or (organisation.time_zone if organisation is not None else "UTC")
        user = verbs.create_user(
            email=draft.email, name=draft.name, role=draft.role, time_zone=zone, at=clock.now(), by=me()
        )
        return serialize.user(user)


@users.get("/<id>")
@users.output(shapes.User)
def show_user(id: str) -> shapes.User:
    """Show a person."""
    need(Act.SEE_INCIDENTS)
    return serialize.user(_present(id))


@users.get("/me")
@users.output(shapes.User)
def show_me() -> shapes.User:
    """Show the person this token speaks for."""
    return serialize.user(me())


@users.patch("/<id>")
@users.input(shapes.UserChanges, arg_name="changes")
@users.output(shapes.User)
def change_a_user(id: str, changes: shapes.UserChanges) -> shapes.User:
    """Change a person. Anybody may change their own name and time zone; `is_active` lets go or takes back."""
    given = changes.given()
    with transaction():
        user = found(User, id, "person")
        if user.id != me().id or not given.keys() <= OWN_FIELDS:
            need_scope(Scope.ADMIN)
            need(Act.MANAGE_PEOPLE)
        at = clock.now()
        if given.pop("is_active", user.is_active) is not user.is_active:
            (change_user.let_go if user.is_active else change_user.take_back)(user, by=me(), at=at)
        before = user.role
        change_user.change_user(user, by=me(), at=at, **given)
        news.role(user, before, by=me(), at=at)
        return serialize.user(user)


@users.delete("/<id>")
@users.output({}, 204)
def delete_user(id: str) -> ResponseReturnValue:
    """Let a person go: no more pages and rights, at once. Their name stays in what has happened."""
    need_scope(Scope.ADMIN)
    with transaction():
        need(Act.MANAGE_PEOPLE)
        change_user.let_go(_present(id), by=me(), at=clock.now())
    return "", 204


def _present(id: str) -> User:
    user = found(User, id, "person")
    if not user.is_active:
        raise not_found("person")
    return user
