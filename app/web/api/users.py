"""/api/v1/users: people and their roles. Adding or changing others takes an administrator and scope admin."""

import sqlalchemy as sa
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import selectinload

from app import clock
from app.database import transaction
from app.leaving.change_role import change_role
from app.leaving.duties import duties_of
from app.leaving.forget import forget
from app.leaving.hand_over import leave
from app.notices import news
from app.oncall import findings
from app.oncall.record_shifts import record_past
from app.people import change_user, queries
from app.people import users as verbs
from app.people.models import Membership, User
from app.people.rights import Act, Scope
from app.web import serialize
from app.web.api.auth import me, need, need_scope
from app.web.api.find import found, numbers
from app.web.api.listing import each, identity, listing
from app.web.api.noun import noun
from app.web.api.problems import not_found
from app.web.api.shapes import people as shapes
from app.web.api.shapes.common import Listing, Nothing

users = noun("users", "People, with the role that says what each may do.")

OWN_FIELDS = {"name", "time_zone"}  # what people change about themselves


@users.get("")
@users.input(shapes.UserQuery, location="query", arg_name="query")
@users.output(Listing[shapes.User])
def list_users(query: shapes.UserQuery) -> Listing[shapes.User]:
    """List people. Those who have left are shown with `is_active=false` only."""
    need(Act.SEE_INCIDENTS)
    select = sa.select(User).options(selectinload(User.memberships).joinedload(Membership.team))
    select = select.where(User.is_active == query.is_active, ~User.is_service)
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
    """Change a person. Anybody may change their own name and time zone.

    `is_active` lets go or takes back, `is_locked` keeps from signing in.
    """
    given = changes.given()
    with transaction():
        user = found(User, id, "person")
        if user.id != me().id or not given.keys() <= OWN_FIELDS:
            need_scope(Scope.ADMIN)
            need(Act.MANAGE_PEOPLE)
        at = clock.now()
        if "is_active" in given:  # whoever has left is passed over by every schedule
            record_past(at=at)
            findings.check_soon(at=at)
        if given.pop("is_active", user.is_active) is not user.is_active:
            if user.is_active:
                leave(user, {}, by=me(), at=at)
            elif user.forgotten_at is None:
                change_user.take_back(user, by=me(), at=at)
            else:
                raise not_found("person")
        before = user.role
        if given.pop("is_locked", user.locked_at is not None) is not (user.locked_at is not None):
            (change_user.unlock if user.locked_at else change_user.lock_out)(user, by=me(), at=at)
        if "role" in given:
            change_role(user, given.pop("role"), by=me(), at=at)
        change_user.change_user(user, by=me(), at=at, **given)
        news.role(user, before, by=me(), at=at)
        return serialize.user(user)


@users.delete("/<id>")
@users.output({}, 204)
def delete_user(id: str) -> ResponseReturnValue:
    """Let a person go: no more pages and rights, at once. Their name stays in what has happened.

    409 while they hold a place: `/duties` lists them, `/departure` hands them over.
    """
    need_scope(Scope.ADMIN)
    with transaction():
        need(Act.MANAGE_PEOPLE)
        leave(_present(id), {}, by=me(), at=clock.now())
    return "", 204


@users.get("/<id>/duties")
@users.output(shapes.Duties)
def list_duties(id: str) -> shapes.Duties:
    """Every place the person holds, which is handed over before they leave."""
    need_scope(Scope.ADMIN)
    need(Act.MANAGE_PEOPLE)
    return shapes.Duties(items=[serialize.duty(duty) for duty in duties_of(_present(id), at=clock.now())])


@users.post("/<id>/departure")
@users.input(shapes.Departure, arg_name="departure")
@users.output({}, 204)
def depart(id: str, departure: shapes.Departure) -> ResponseReturnValue:
    """Hand every place over and let the person go, all of it or nothing. 409 names what has no successor."""
    need_scope(Scope.ADMIN)
    with transaction():
        need(Act.MANAGE_PEOPLE)
        user, at = _present(id), clock.now()
        chosen: dict[str, int | None] = {}
        if departure.everything_to is not None:
            everything = identity(departure.everything_to)
            chosen = {duty.key: everything for duty in duties_of(user, at=at)}
        for key, to in departure.hand_over.items():
            chosen[key] = None if to is None else identity(to)
        leave(user, chosen, by=me(), at=at)
    return "", 204


@users.post("/<id>/erasure")
@users.input(Nothing, arg_name="nothing")
@users.output({}, 204)
def erase(id: str, nothing: Nothing) -> ResponseReturnValue:  # noqa: ARG001
    """Forget somebody who has left: a tombstone stands in history. Nothing brings them back."""
    need_scope(Scope.ADMIN)
    with transaction():
        need(Act.MANAGE_PEOPLE)
        forget(found(User, id, "person"), by=me(), at=clock.now())
    return "", 204


def _present(id: str) -> User:
    user = found(User, id, "person")
    if not user.is_active:
        raise not_found("person")
    return user
