"""The status page for people outside: no sign-in, no cookie, the same for everybody, kept for 90 seconds.

While the organisation has not opened it, nothing here is found.
"""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from limits import RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app import clock
from app.database import transaction
from app.domain import zone
from app.domain.component import WORDS, ComponentState
from app.domain.invalid import InvalidField
from app.incidents import status_page, subscribers
from app.incidents.models import StatusSubscriber
from app.notices.mail import works
from app.people import queries
from app.web.errors import NotFound
from app.web.form import problems_of

blueprint = Blueprint("public_status", __name__, url_prefix="/public/status")

KEPT = 90  # seconds that anybody between us and the reader may keep it
LIMIT = RateLimitItemPerHour(10)  # requests for mail from one address of the network
MOODS = {
    ComponentState.WORKING: "ok", ComponentState.WATCHED: "pending", ComponentState.AFFECTED: "warn",
    ComponentState.PARTLY_OUT: "danger", ComponentState.OUT: "danger",
}  # fmt: skip
_limiter = MovingWindowRateLimiter(MemoryStorage())


def address() -> str:
    """Where people outside find it."""
    return f"{current_app.config['settings'].status_base}/public/status"


@blueprint.get("")
def show() -> ResponseReturnValue:
    """What works, what does not, and what the public was told in 30 days."""
    _must_be_open()
    return _kept(_page())


@blueprint.get("/feed.atom")
def feed() -> ResponseReturnValue:
    """The same words for programs that read feeds (Atom)."""
    _must_be_open()
    incidents = status_page.public_incidents(at=clock.now())
    answer = make_response(
        render_template(
            "status/feed.xml", whose=_whose(), address=address(), incidents=incidents, words=WORDS,
            newest=incidents[0].said[0].at if incidents else clock.now(),
        )
    )  # fmt: skip
    answer.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
    return _kept(answer)


@blueprint.post("/subscribers")
def subscribe() -> ResponseReturnValue:
    """Ask for mail. The answer is the same whether the address is known or not."""
    _must_be_open()
    if not works():
        raise NotFound
    if not _limiter.hit(LIMIT, request.remote_addr or ""):
        abort(429)
    try:
        with transaction():
            subscribers.subscribe(request.form.get("address", ""), at=clock.now())
    except InvalidField as invalid:
        return _page(problem=problems_of(invalid)["address"]), 422
    return _said("Look into your mail", "A link is on its way. Open it to say that you want to hear from us.")


@blueprint.get("/subscribers/<token>")
def ask(token: str) -> ResponseReturnValue:
    """A button to confirm, or to leave. Mail scanners look at links, so this changes nothing."""
    return render_template("status/subscriber.html", whose=_whose(), row=_found(token), token=token)


@blueprint.post("/subscribers/<token>/confirmation")
def confirm(token: str) -> ResponseReturnValue:
    with transaction():
        subscribers.confirm(_found(token), at=clock.now())
    return _said("You hear from us", "Each mail has a link by which you end them.")


@blueprint.post("/subscribers/<token>/removal")
def leave(token: str) -> ResponseReturnValue:
    """By the button, or by a mail program itself (RFC 8058). A second press finds nobody, and says the same."""
    with transaction():
        row = subscribers.find(token)
        if row is not None:
            subscribers.leave(row, at=clock.now())
    return _said("No more mail", "Your address is forgotten."), 404 if row is None else 200


def _found(token: str) -> StatusSubscriber:
    row = subscribers.find(token)
    if row is None:
        raise NotFound
    return row


def _must_be_open() -> None:
    if not status_page.is_public():
        raise NotFound


def _page(problem: str | None = None) -> str:
    return render_template(
        "status/public.html", whose=_whose(), components=status_page.public_components(), words=WORDS,
        moods=MOODS, incidents=status_page.public_incidents(at=clock.now()), as_of=clock.now(),
        mail_works=works(), problem=problem, zone=_zone(),
    )  # fmt: skip


def _said(title: str, words: str) -> str:
    return render_template("status/said.html", whose=_whose(), title=title, words=words)


def _kept(answer: str | Response) -> Response:
    made = make_response(answer)
    made.headers["Cache-Control"] = f"public, max-age={KEPT}"
    return made


def _zone() -> ZoneInfo:
    """The organisation's: the page is the same for everybody, whoever looks."""
    organisation = queries.organisation()
    return zone.named("UTC" if organisation is None else organisation.time_zone)


def _whose() -> str:
    organisation = queries.organisation()
    return "Nightbell" if organisation is None else organisation.name
