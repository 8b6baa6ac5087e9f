"""/api/v1/webhooks: events to programs, signed as Standard Webhooks 1.0 says. A secret is shown once."""

import sqlalchemy as sa
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.words import ChannelKind
from app.paging.destinations import change as verbs
from app.paging.destinations.models import Destination
from app.people.models import Team
from app.people.rights import Act
from app.web import serialize_destinations as serialize
from app.web.api.auth import me, need
from app.web.api.find import found, named, numbers
from app.web.api.listing import each, listing
from app.web.api.noun import noun
from app.web.api.shapes import destinations as shapes
from app.web.api.shapes.common import Listing, Nothing

webhooks = noun("webhooks", "Events to your programs, signed; each with a secret that is shown once.")

_SIGNED = sa.and_(Destination.removed_at.is_(None), Destination.kind == ChannelKind.SIGNED_WEBHOOK)


@webhooks.get("")
@webhooks.input(shapes.DestinationQuery, location="query", arg_name="query")
@webhooks.output(Listing[shapes.Destination])
def list_webhooks(query: shapes.DestinationQuery) -> Listing[shapes.Destination]:
    """List webhooks. What each has heard is at `/destinations/{id}/posts`."""
    need(Act.SEE_OPERATIONS)
    select = sa.select(Destination).where(_SIGNED)
    if query.name:
        select = select.where(Destination.name.in_(query.name))
    if query.team_id:
        select = select.where(Destination.team_id.in_(numbers(query.team_id)))
    return listing(select, query, each(serialize.destination), by=[Destination.id])


@webhooks.post("")
@webhooks.input(shapes.WebhookDraft, arg_name="draft")
@webhooks.output(shapes.NewWebhook, 201)
def create_webhook(draft: shapes.WebhookDraft) -> shapes.NewWebhook:
    """Add a webhook. This one answer holds its `secret`."""
    with transaction():
        team = None if draft.team_id is None else named(Team, draft.team_id, "team", "#/team_id")
        need(Act.EDIT_ON_CALL, team_id=None if team is None else team.id)
        row, secret = verbs.create(
            kind=ChannelKind.SIGNED_WEBHOOK, name=draft.name, team=team, address=draft.address,
            events=draft.events, by=me(), at=clock.now(),
        )  # fmt: skip
        return serialize.new_webhook(row, secret or "")


@webhooks.get("/<id>")
@webhooks.output(shapes.Destination)
def show_webhook(id: str) -> shapes.Destination:
    """Show a webhook."""
    need(Act.SEE_OPERATIONS)
    return serialize.destination(_webhook(id))


@webhooks.patch("/<id>")
@webhooks.input(shapes.WebhookChanges, arg_name="changes")
@webhooks.output(shapes.Destination)
def change_webhook(id: str, changes: shapes.WebhookChanges) -> shapes.Destination:
    """Change a webhook. One that was switched off works again."""
    with transaction():
        return serialize.destination(verbs.change(_own(id), by=me(), at=clock.now(), **changes.given()))


@webhooks.delete("/<id>")
@webhooks.output({}, 204)
def delete_webhook(id: str) -> ResponseReturnValue:
    """Tell it nothing more."""
    with transaction():
        verbs.remove(_own(id), by=me(), at=clock.now())
    return "", 204


@webhooks.post("/<id>/secret")
@webhooks.input(Nothing, arg_name="nothing")
@webhooks.output(shapes.Secret, 201)
def new_webhook_secret(id: str, nothing: Nothing) -> shapes.Secret:  # noqa: ARG001
    """Make a new secret. For 24 hours messages carry two signatures: by it, and by the one before."""
    with transaction():
        row = _own(id)
        secret = verbs.new_secret(row, by=me(), at=clock.now())
        return shapes.Secret(secret=secret, previous_until=row.previous_until)


def _webhook(id: str) -> Destination:
    return found(Destination, id, "webhook", among=_SIGNED)


def _own(id: str) -> Destination:
    row = _webhook(id)
    need(Act.EDIT_ON_CALL, team_id=row.team_id)
    return row
