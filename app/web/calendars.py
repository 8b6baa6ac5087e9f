"""Calendar feeds: the secret addresses that programs read, and the page where a person makes and ends them."""

import hashlib
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app import clock
from app.database import db, transaction
from app.oncall import feeds
from app.oncall.models import CalendarFeed, FeedEvent, Schedule
from app.people.models import User
from app.people.rights import Act
from app.web import ical
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import as_number
from app.web.toast import toast

blueprint = Blueprint("calendars", __name__)

LIMIT = RateLimitItemPerMinute(30)
_limiter = MovingWindowRateLimiter(MemoryStorage())


@blueprint.get("/calendar/<token>.ics")
def feed(token: str) -> ResponseReturnValue:
    """The file, or JSON when that is asked for. No login: the address is the secret (SEC-31)."""
    found = feeds.find(token)
    if found is None:
        raise NotFound
    if not _limiter.hit(LIMIT, found.token_hash):
        abort(429)
    with transaction():
        found = db.session.merge(found)
        found.last_used_at = clock.now()
        events = feeds.published(found, at=clock.now())
        return _answer(found, list(events))


@blueprint.get("/me/calendars")
@needs(Act.SEE_ON_CALL)
def index() -> str:
    return _page()


@blueprint.post("/me/calendars")
@needs(Act.SEE_ON_CALL)
def create() -> ResponseReturnValue:
    """A new address, which the answer shows, this once."""
    number = request.form.get("schedule_id", type=as_number)
    schedule = db.session.get(Schedule, number) if number else None
    if number and schedule is None:
        raise NotFound
    try:
        with transaction():
            made, token = feeds.create(viewer(), schedule, at=clock.now())
            return _page(new=(made.id, ical.address(token)))
    except feeds.TooManyFeeds as many:
        return _page(problem=str(many)), 422


@blueprint.post("/me/calendars/<int:number>/removal")
@needs(Act.SEE_ON_CALL)
def remove(number: int) -> ResponseReturnValue:
    with transaction():
        found = db.session.get(CalendarFeed, number)
        if found is None or found.user_id != viewer().id:
            raise NotFound
        feeds.revoke(found, by=viewer(), at=clock.now())
    toast("That address answers nothing any more.")
    return redirect(url_for("calendars.index"), 303)


def _answer(found: CalendarFeed, events: list[FeedEvent]) -> Response:
    people, schedules = _names(User, events), _names(Schedule, events)
    if request.accept_mimetypes.best == "application/json":
        response = jsonify(ical.as_json(events, schedules=schedules, people=people))
    else:
        name = found.schedule.name if found.schedule else f"{found.user.name}, on call"
        host = urlsplit(current_app.config["settings"].base_url).hostname or "nightbell"
        own = None if found.schedule_id else found.user_id
        body = ical.calendar(name, events, schedules=schedules, people=people, host=host, own_id=own)
        response = Response(body, mimetype="text/calendar")
        response.headers["Content-Type"] = "text/calendar; charset=utf-8"
        response.headers["Content-Disposition"] = 'attachment; filename="on-call.ics"'
    response.headers["Cache-Control"] = "no-store"
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
    response.make_conditional(request)
    return response


def _names(model: Any, events: list[FeedEvent]) -> dict[int, str]:
    if model is Schedule:
        ids = {row.schedule_id for row in events}
    else:
        ids = {user for row in events for each in row.people.values() for user in each}
    found = db.session.execute(sa.select(model.id, model.name).where(model.id.in_(ids)))
    return {id_: str(name) for id_, name in found}


def _page(*, new: tuple[int, str] | None = None, problem: str | None = None) -> str:
    schedules = db.session.scalars(sa.select(Schedule).order_by(Schedule.name)).all()
    return render_template(
        "me/calendars.html",
        feeds=feeds.of(viewer()),
        new=new,
        problem=problem,
        chosen=request.values.get("schedule_id", ""),
        schedules=[("", "My own shifts, everywhere")] + [(row.id, row.name) for row in schedules],
    )
