"""Where the canary has to arrive: a destination like a device's push service, at our own address (D3)."""

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts.sources.body import BodyTooLarge, UnreadableBody
from app.database import transaction
from app.paging import canary
from app.web import bounded_body

blueprint = Blueprint("canary", __name__)

LIMIT = 4096  # bytes, as push services take them


@blueprint.post("/canary/<token>")
def arrive(token: str) -> ResponseReturnValue:
    """Read what was sent, as a device would, and note that the path works. Anything else is 404."""
    if not canary.is_at(token):
        abort(404)
    try:
        body = bounded_body.read(LIMIT)
    except BodyTooLarge:
        abort(413)
    except UnreadableBody:
        abort(400)
    with transaction():
        if not canary.arrived(body, at=clock.now()):
            abort(404)
    return "", 201
