"""What Slack tells us: a message of an incident's channel got a pin, so it belongs into the timeline.

Every request is signed with the app's signing secret and at most five minutes old, or is none of Slack's (403).
Its events name a message without its words: these are asked for, outside of any transaction. Slack waits three
seconds for an answer; one that is not 2xx is sent again, a minute and five minutes later.
"""

from typing import Any

from flask import Blueprint, abort, current_app, request
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain import slack_words
from app.incidents import chat_notes, queries
from app.people.queries import user_by_email

blueprint = Blueprint("slack", __name__, url_prefix="/slack")

LONGEST_BODY = 100_000
ANSWERS_WITHIN = 1.2  # seconds for each of two questions
PINS = frozenset({"pushpin", "round_pushpin"})


@blueprint.post("/events")
def event() -> ResponseReturnValue:
    """A pin emoji or a pin on a message is taken; whatever else is signed is answered and changes nothing."""
    settings = current_app.config["settings"]
    if settings.slack_signing_secret is None:
        abort(404)
    if (request.content_length or 0) > LONGEST_BODY:
        abort(413)
    signed = slack_words.has_signed(
        settings.slack_signing_secret, at=request.headers.get("X-Slack-Request-Timestamp", ""),
        body=request.get_data(), signature=request.headers.get("X-Slack-Signature", ""), now=clock.now(),
    )  # fmt: skip
    if not signed:
        abort(403)
    said = request.get_json(silent=True, force=True)
    if not isinstance(said, dict):
        abort(400)
    if said.get("type") == "url_verification":
        return {"challenge": str(said.get("challenge", ""))}
    pinned = _pinned(said.get("event")) if said.get("type") == "event_callback" else None
    return ("", 200) if pinned is None else _take(*pinned)


def _pinned(about: Any) -> tuple[str, str] | None:
    """The channel and the `ts` of the message that got a pin."""
    if not isinstance(about, dict) or not isinstance(item := about.get("item"), dict):
        return None
    if about.get("type") == "reaction_added" and about.get("reaction") in PINS:
        channel, ts = item.get("channel"), item.get("ts")
    elif about.get("type") == "pin_added" and isinstance(message := item.get("message"), dict):
        channel, ts = item.get("channel") or about.get("channel_id"), message.get("ts")
    else:
        return None
    return (channel, ts) if isinstance(channel, str) and isinstance(ts, str) else None


def _take(channel: str, ts: str) -> ResponseReturnValue:
    from app.incidents.slack import Slack  # an HTTP client comes with it

    number, said_at = chat_notes.incident_of(channel), slack_words.moment(ts)
    slack = Slack.from_settings(current_app.config["settings"], deadline=ANSWERS_WITHIN)
    if number is None or said_at is None or slack is None:
        return "", 200
    db.session.rollback()  # nothing is held while Slack is asked
    try:
        message = slack.message(channel, ts)
        email = slack.email_of(message.user) if message and message.user else None
    except ConnectionError:
        return "", 503
    finally:
        slack.close()
    if message is not None:
        with transaction():
            incident = queries.locked(number)
            if incident is not None:
                chat_notes.take(
                    incident, slack_words.plain(message.text), message=f"{channel}/{ts}", said_at=said_at,
                    by=user_by_email(email) if email else None, at=clock.now(),
                )  # fmt: skip
    return "", 200
