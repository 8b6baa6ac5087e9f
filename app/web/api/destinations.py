"""/api/v1/destinations: rooms of chats, topics and addresses outside that are told what happens."""

import sqlalchemy as sa
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.words import ChannelKind
from app.paging.destinations import change as verbs
from app.paging.destinations.models import Destination, Post
from app.paging.destinations.post import post_test
from app.people.models import Team
from app.people.rights import Act
from app.web import serialize_destinations as serialize
from app.web.api.auth import me, need
from app.web.api.find import found, named, numbers
from app.web.api.listing import each, listing
from app.web.api.noun import noun
from app.web.api.problems import Problem
from app.web.api.shapes import destinations as shapes
from app.web.api.shapes.common import Listing, ListQuery, Nothing

destinations = noun("destinations", "Rooms of chats, topics and addresses outside that hear what happens.")

_LIVE = Destination.removed_at.is_(None)
_CHAT = sa.and_(_LIVE, Destination.kind != ChannelKind.SIGNED_WEBHOOK)


@destinations.get("")
@destinations.input(shapes.DestinationQuery, location="query", arg_name="query")
@destinations.output(Listing[shapes.Destination])
def list_destinations(query: shapes.DestinationQuery) -> Listing[shapes.Destination]:
    """List destinations, without what their address holds."""
    need(Act.SEE_OPERATIONS)
    select = sa.select(Destination).where(_CHAT)
    if query.name:
        select = select.where(Destination.name.in_(query.name))
    if query.team_id:
        select = select.where(Destination.team_id.in_(numbers(query.team_id)))
    return listing(select, query, each(serialize.destination), by=[Destination.id])


@destinations.post("")
@destinations.input(shapes.DestinationDraft, arg_name="draft")
@destinations.output(shapes.Destination, 201)
def create_destination(draft: shapes.DestinationDraft) -> shapes.Destination:
    """Add a destination."""
    with transaction():
        team = None if draft.team_id is None else named(Team, draft.team_id, "team", "#/team_id")
        need(Act.EDIT_ON_CALL, team_id=None if team is None else team.id)
        row, _ = verbs.create(
            kind=draft.kind, name=draft.name, team=team, address=draft.address, events=draft.events,
            token=draft.token, room=draft.room, template=draft.template, by=me(), at=clock.now(),
        )  # fmt: skip
        return serialize.destination(row)


@destinations.get("/<id>")
@destinations.output(shapes.Destination)
def show_destination(id: str) -> shapes.Destination:
    """Show a destination."""
    need(Act.SEE_OPERATIONS)
    return serialize.destination(_destination(id))


@destinations.patch("/<id>")
@destinations.input(shapes.DestinationChanges, arg_name="changes")
@destinations.output(shapes.Destination)
def change_destination(id: str, changes: shapes.DestinationChanges) -> shapes.Destination:
    """Change a destination. One that was switched off works again."""
    with transaction():
        row = _own(id)
        return serialize.destination(verbs.change(row, by=me(), at=clock.now(), **changes.given()))


@destinations.delete("/<id>")
@destinations.output({}, 204)
def delete_destination(id: str) -> ResponseReturnValue:
    """Tell it nothing more."""
    with transaction():
        verbs.remove(_own(id), by=me(), at=clock.now())
    return "", 204


@destinations.post("/<id>/test")
@destinations.input(Nothing, arg_name="nothing")
@destinations.output(shapes.Post, 202)
def test_destination(id: str, nothing: Nothing) -> shapes.Post:  # noqa: ARG001
    """Send a test there. `GET …/posts` says what became of it."""
    with transaction():
        row = _own(id)
        post = post_test(row, at=clock.now())
        if post is None:
            raise Problem(409, "Nothing leaves this installation for there now.")
        return serialize.post(post)


@destinations.get("/<id>/posts")
@destinations.input(ListQuery, location="query", arg_name="query")
@destinations.output(Listing[shapes.Post])
def list_posts(id: str, query: ListQuery) -> Listing[shapes.Post]:
    """List what it has heard, newest first, and what became of each."""
    row = _own(id)
    select = sa.select(Post).where(Post.destination_id == row.id)
    return listing(select, query, each(serialize.post), by=[Post.id], descending=True)


def _destination(id: str) -> Destination:
    return found(Destination, id, "destination", among=_LIVE)


def _own(id: str) -> Destination:
    row = _destination(id)
    need(Act.EDIT_ON_CALL, team_id=row.team_id)
    return row
