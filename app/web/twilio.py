"""What the telephone provider tells us: an answer by text, a key pressed in a call, what became of either.

Every request is signed with the account's token, or is none of the provider's (403). A message that comes twice
counts once, so that nobody can play an old answer again.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from html import escape

import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain import sms_reply
from app.domain.timeline import Subject
from app.domain.words import ChannelKind, PageKind
from app.paging.models import Delivery, Page
from app.paging.page import TOKEN_LIFE
from app.paging.receipts import Stage, TokenExpired, find, note_stage
from app.people.models import ContactMethod
from app.timeline import once
from app.web.receipts import acknowledge_by

blueprint = Blueprint("twilio", __name__, url_prefix="/twilio")

FIELDS_LIMIT = 100
NOT_OURS = "This is not one of our pages, or it is over a day old."
HOW = "Reply with the number of the alert, such as 12, to acknowledge it."
FAILED = {"failed", "undelivered", "busy", "no-answer", "canceled"}


def signed(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Only what the provider signed comes in; where there is none, the address is not there."""

    @wraps(view)
    def checked(**where: str) -> ResponseReturnValue:
        from app.paging.channels.twilio import Twilio  # an HTTP client comes with it

        settings = current_app.config["settings"]
        provider = Twilio.from_settings(settings)
        if provider is None:
            abort(404)
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        said = {name: request.form.getlist(name) for name in list(request.form)[:FIELDS_LIMIT]}
        signature = request.headers.get("X-Twilio-Signature", "")
        if not provider.has_signed(f"{settings.base_url}{request.path}{query}", said, signature):
            abort(403)
        return view(**where)

    return checked


@blueprint.post("/sms")
@signed
def answered_by_text() -> ResponseReturnValue:
    """Somebody answered a page by text; the answer is what is true now."""
    takes = sms_reply.read(request.form.get("Body", ""))
    with transaction():
        at = clock.now()
        is_new = once.is_first(f"twilio:{request.form.get('MessageSid', '')}", at=at)
        if not is_new:
            return _twiml("")
        if takes is None:
            return _message(HOW)
        delivery = _asked(request.form.get("From", ""), takes.number, since=at - TOKEN_LIFE)
        return _message(NOT_OURS if delivery is None else acknowledge_by(delivery, pressed_at=None)[2])


@blueprint.post("/voice/<token>")
@signed
def answered_by_key(token: str) -> ResponseReturnValue:
    """A key was pressed in a call: 1 acknowledges."""
    with transaction():
        delivery = _of(token)
        if delivery is None:
            return _speech(NOT_OURS)
        if request.form.get("Digits") != "1":
            return _speech("That was another key. Goodbye.")
        return _speech(acknowledge_by(delivery, pressed_at=None)[2])


@blueprint.post("/status/<token>")
@signed
def status(token: str) -> ResponseReturnValue:
    """What became of a text or a call. One that did not arrive has failed, and the next way has its turn."""
    became = request.form.get("MessageStatus") or request.form.get("CallStatus") or ""
    with transaction():
        delivery = _of(token)
        if delivery is not None and became in FAILED:
            fault = request.form.get("ErrorCode", "")
            why = f" (fault {int(fault)})" if fault.isascii() and fault.isdigit() else ""
            from app.paging import deliver  # it knows every sender

            deliver.did_not_arrive(delivery, f"the telephone provider says {became}{why}", at=clock.now())
        elif delivery is not None and became == "delivered":
            note_stage(delivery, Stage.RECEIVED, at=clock.now())
    return "", 204


def _of(token: str) -> Delivery | None:
    try:
        return find(token, at=clock.now())
    except TokenExpired:
        return None


def _asked(number: str, alert_number: int | None, *, since: datetime) -> Delivery | None:
    """The last text to this number about that alert, or about any, or a drill."""
    rows = (
        sa.select(Delivery)
        .join(Page)
        .join(ContactMethod, ContactMethod.id == Delivery.contact_id)
        .where(
            ContactMethod.address == number, ContactMethod.verified_at.is_not(None),
            Delivery.channel == ChannelKind.SMS, Delivery.created_at > since, Delivery.sent_at.is_not(None),
            sa.or_(
                Page.kind == PageKind.DRILL,
                sa.and_(Page.kind == PageKind.PAGE, Page.subject_kind == Subject.ALERT),
            ),
        )
        .order_by(Delivery.sent_at.desc(), Delivery.id.desc())
        .limit(1)
    )  # fmt: skip
    if alert_number is not None:
        rows = rows.where(Page.kind == PageKind.PAGE, Page.subject_id == alert_number)
    return db.session.scalars(rows).one_or_none()


def _message(words: str) -> Response:
    return _twiml(f"<Message>{escape(words)}</Message>")


def _speech(words: str) -> Response:
    return _twiml(f"<Say>{escape(words)}</Say>")


def _twiml(inside: str) -> Response:
    return Response(f"<Response>{inside}</Response>", content_type="text/xml; charset=utf-8")
