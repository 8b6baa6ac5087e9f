"""A person's devices, for the pages and the service worker: register, renew, test, rename, remove."""

from typing import Any

from flask import Blueprint, current_app, jsonify, request, session, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.device import device_name
from app.domain.invalid import InvalidField
from app.domain.phrase import counted
from app.notices import news
from app.paging import subscriptions, try_device, vapid
from app.paging.models import PushSubscription
from app.people import sessions
from app.web.access import current_session, signed_in, viewer
from app.web.errors import NotFound
from app.web.redirects import back
from app.web.toast import toast

blueprint = Blueprint("push_subscriptions", __name__, url_prefix="/push-subscriptions")

LONGEST_BODY = 4096


@blueprint.get("/key")
@signed_in
def key() -> ResponseReturnValue:
    """What this browser subscribes with, and what the server calls it so far."""
    return jsonify(
        key=vapid.public_key_of(current_app.config["settings"].vapid_private_key), device=session.get("device")
    )


@blueprint.post("")
@signed_in
def subscribe() -> ResponseReturnValue:
    """This browser can be rung. `asked`: the person wanted it now; else only a known one is noted."""
    said, keys = _said()
    endpoint, secret = _text(said, "endpoint"), _text(said, "secret") or None
    agent = device_name(request.headers.get("User-Agent", ""))
    with transaction():
        at = clock.now()
        if said.get("asked") is not True and not subscriptions.is_known(viewer(), endpoint, secret):
            return jsonify(title="This browser is not one of your devices.", status=404), 404
        row = subscriptions.subscribe(
            viewer(),
            endpoint=endpoint,
            **keys,
            device=_text(said, "device") or agent,
            secret=secret,
            vapid_key=_text(said, "application_server_key") or None,
            at=at,
        )
        if row.created_at == at:
            news.device(viewer(), row.device, is_added=True, at=at)
        if (here := current_session()) is not None:
            subscriptions.belongs_to(row, here.token_hash)
        session["device"] = row.id
        return jsonify(id=str(row.id), device=row.device)


@blueprint.post("/renewal")
def renew() -> ResponseReturnValue:
    """The browser changed its endpoint; its worker proves by the device's secret that it is the same one."""
    said, keys = _said("subscription")
    with transaction():
        row = subscriptions.renew(
            _text(said, "secret"), endpoint=_text(said, "endpoint"), **keys, at=clock.now()
        )
        if row is None:
            return jsonify(title="No device has this secret. Open Nightbell and sign in.", status=404), 404
        return jsonify(id=str(row.id), device=row.device)


@blueprint.post("/<int:number>/test")
@signed_in
def test(number: int) -> ResponseReturnValue:
    try:
        with transaction():
            try_device.ask(_mine(number), at=clock.now())
    except try_device.TooManyTests as too_many:
        toast(str(too_many), failed=True)
    return back(url_for("me.devices", device=number))


@blueprint.post("/<int:number>/name")
@signed_in
def rename(number: int) -> ResponseReturnValue:
    try:
        with transaction():
            subscriptions.rename(_mine(number), request.form.get("device", ""))
    except InvalidField as invalid:
        toast(invalid.errors[0][1], failed=True)
    return back(url_for("me.devices"))


@blueprint.post("/<int:number>/removal")
@signed_in
def remove(number: int) -> ResponseReturnValue:
    """Stop paging a device. A lost one also ends every other sign-in: nobody knows which was the lost one's."""
    lost = request.form.get("lost") == "yes"
    with transaction():
        row = _removed(number, because="lost" if lost else "removed by hand")
        ended = sessions.end_all(viewer(), but=current_session()) if lost else 0
        name = row.device
    signed_out = f" {counted(ended, 'other sign-in')} ended." if lost else ""
    toast(f"{name} is paged no more.{signed_out}")
    return back(url_for("me.devices"))


@blueprint.delete("/<int:number>")
@signed_in
def delete(number: int) -> ResponseReturnValue:
    with transaction():
        _removed(number, because="removed by hand")
    return "", 204


@blueprint.errorhandler(InvalidField)
def _invalid(invalid: InvalidField) -> ResponseReturnValue:
    problem = jsonify(
        type="about:blank",
        title="This device cannot be registered.",
        status=422,
        detail=" ".join(sentence for _, sentence in invalid.errors),
        errors=[{"pointer": f"#{pointer}", "detail": sentence} for pointer, sentence in invalid.errors],
    )
    problem.mimetype = "application/problem+json"
    return problem, 422


def _removed(number: int, *, because: str) -> PushSubscription:
    row, at = _mine(number, removed_too=True), clock.now()
    if row.removed_at is None:
        news.device(viewer(), row.device, is_added=False, at=at)
    subscriptions.remove(row, by=viewer(), at=at, because=because)
    return row


def _mine(number: int, *, removed_too: bool = False) -> PushSubscription:
    """The device of that number, if it is the viewer's; nobody is told of others' (SEC-16)."""
    row = db.session.get(PushSubscription, number)
    if row is None or row.user_id != viewer().id or (row.removed_at is not None and not removed_too):
        raise NotFound
    return row


def _said(within: str | None = None) -> tuple[dict[str, Any], dict[str, str]]:
    """The body, and the two keys of the subscription in it, which stands under the name `within` if given.

    Raises InvalidField for what is no JSON object.
    """
    said = request.get_json(silent=True) if (request.content_length or 0) <= LONGEST_BODY else None
    inner = said.get(within) if isinstance(said, dict) and within else said
    if not isinstance(said, dict) or not isinstance(inner, dict):
        raise InvalidField([("", "Expected a subscription as a browser writes it, as JSON.")])
    keys = inner.get("keys")
    keys = keys if isinstance(keys, dict) else {}
    named = {"p256dh": _text(keys, "p256dh"), "auth": _text(keys, "auth")}
    return {**inner, "secret": said.get("secret")}, named


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
