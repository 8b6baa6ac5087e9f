"""/api/v1/push-subscriptions: the caller's own devices. Nobody is told of anybody else's."""

import sqlalchemy as sa
from flask import current_app
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.notices import news
from app.paging import subscriptions as verbs
from app.paging import try_device, vapid
from app.paging.models import PushSubscription
from app.web import serialize
from app.web.api.auth import me
from app.web.api.find import found
from app.web.api.listing import each, listing
from app.web.api.noun import noun
from app.web.api.problems import not_found
from app.web.api.shapes import alerts as alert_shapes
from app.web.api.shapes import paging as shapes
from app.web.api.shapes.common import Listing, Nothing

push_subscriptions = noun("push-subscriptions", "The caller's own devices, which pages ring.")


@push_subscriptions.get("")
@push_subscriptions.input(shapes.PushSubscriptionQuery, location="query", arg_name="query")
@push_subscriptions.output(Listing[shapes.PushSubscription])
def list_push_subscriptions(query: shapes.PushSubscriptionQuery) -> Listing[shapes.PushSubscription]:
    """List one's devices."""
    mine = sa.select(PushSubscription).where(
        PushSubscription.user_id == me().id, PushSubscription.removed_at.is_(None)
    )
    return listing(mine, query, each(serialize.push_subscription), by=[PushSubscription.id])


@push_subscriptions.get("/key")
@push_subscriptions.output(shapes.PushKey)
def show_push_key() -> shapes.PushKey:
    """The VAPID public key that a browser subscribes with."""
    return shapes.PushKey(key=vapid.public_key_of(current_app.config["settings"].vapid_private_key))


@push_subscriptions.post("")
@push_subscriptions.input(shapes.PushSubscriptionDraft, arg_name="draft")
@push_subscriptions.output(shapes.PushSubscription, 201)
def create_push_subscription(draft: shapes.PushSubscriptionDraft) -> shapes.PushSubscription:
    """Register a device. The same endpoint again is the same device; an unknown push service is refused."""
    with transaction():
        at = clock.now()
        row = verbs.subscribe(
            me(), endpoint=draft.endpoint, p256dh=draft.keys.p256dh, auth=draft.keys.auth,
            device=draft.device, at=at,
        )  # fmt: skip
        if row.created_at == at:
            news.device(me(), row.device, is_added=True, at=at)
        return serialize.push_subscription(row)


@push_subscriptions.get("/<id>")
@push_subscriptions.output(shapes.PushSubscription)
def show_push_subscription(id: str) -> shapes.PushSubscription:
    """Show one of one's devices."""
    return serialize.push_subscription(_mine(id))


@push_subscriptions.patch("/<id>")
@push_subscriptions.input(shapes.PushSubscriptionChanges, arg_name="changes")
@push_subscriptions.output(shapes.PushSubscription)
def change_push_subscription(id: str, changes: shapes.PushSubscriptionChanges) -> shapes.PushSubscription:
    """Call a device something else."""
    with transaction():
        row = _mine(id)
        if "device" in changes.given():
            verbs.rename(row, changes.device)
        return serialize.push_subscription(row)


@push_subscriptions.delete("/<id>")
@push_subscriptions.output({}, 204)
def delete_push_subscription(id: str) -> ResponseReturnValue:
    """Ring this device no more."""
    with transaction():
        row, at = _mine(id), clock.now()
        verbs.remove(row, by=me(), at=at)
        news.device(me(), row.device, is_added=False, at=at)
    return "", 204


@push_subscriptions.post("/<id>/test")
@push_subscriptions.input(Nothing, arg_name="nothing")
@push_subscriptions.output(alert_shapes.Page, 201)
def test_push_subscription(id: str, nothing: Nothing) -> alert_shapes.Page:  # noqa: ARG001
    """Send this device a test page, through everything that a real one goes through."""
    with transaction():
        return serialize.page(try_device.ask(_mine(id), at=clock.now()))


def _mine(id: str) -> PushSubscription:
    row = found(PushSubscription, id, "device")
    if row.user_id != me().id or row.removed_at is not None:
        raise not_found("device")
    return row
