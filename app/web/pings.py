"""`/ping/<key>`: where heartbeats are heard. Whatever is sent along is not read."""

import logging

from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.alerts import heartbeats, integrations
from app.alerts.sources.kinds import Kind
from app.database import transaction
from app.domain import heartbeat
from app.web import pace

blueprint = Blueprint("pings", __name__)
log = logging.getLogger(__name__)

RETRY_AFTER = "5"  # seconds


@blueprint.route("/ping/<key>", methods=["GET", "POST"], defaults={"word": ""})
@blueprint.route("/ping/<key>/<word>", methods=["GET", "POST"])
def hear(key: str, word: str) -> Response:
    """It lives; with `/start` it begins something; with `/fail`, or an exit code that is not 0, it failed."""
    try:
        return _heard(key, word)
    except SQLAlchemyError:
        log.exception("a beat could not be kept at %s", request.endpoint)  # not the address: the key is in it
        return _says(503, "this could not be kept; send it again", {"Retry-After": RETRY_AFTER})


def _heard(key: str, word: str) -> Response:
    door = integrations.find_by_key(key, at=clock.now())
    beat = heartbeat.read(word)
    if door is None or door.kind != Kind.HEARTBEAT:
        return _says(404, "there is no heartbeat with this key")
    if beat is None:
        return _says(404, "after the key comes nothing, start, fail, or an exit code")
    if (wait := pace.wait_for(door)) is not None:
        return _says(429, "that is more than a heart can beat", {"Retry-After": str(wait)})
    with transaction():
        at = clock.now()
        heartbeats.hear(door, beat, word=word, at=at)
        integrations.note_use(door, at=at)
    return _says(200, "OK")


def _says(status: int, words: str, headers: dict[str, str] | None = None) -> Response:
    sent = {"Cache-Control": "no-store"} | (headers or {})
    return Response(f"{words}\n", status, sent, mimetype="text/plain")
