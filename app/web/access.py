"""Who is asking, and whether they may: for every page behind a sign-in."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain import zone
from app.people import rights, sessions
from app.people.models import Session, User
from app.web import session as cookie
from app.web.redirects import local_path

P = ParamSpec("P")
R = TypeVar("R")


class SignInNeeded(Exception):
    """Nobody is signed in here, or no longer."""


def current_session() -> Session | None:
    """The living session of this request's cookie; looked up once."""
    if "session" not in g:
        token = cookie.token()
        g.session = sessions.find(token, at=clock.now()) if token else None
    found: Session | None = g.session
    return found


def current_user() -> User | None:
    """Whoever is signed in; None for nobody."""
    session = current_session()
    return None if session is None else session.user


def viewer() -> User:
    """Whoever is signed in. Raises SignInNeeded, which leads to the sign-in and back."""
    user = current_user()
    if user is None:
        raise SignInNeeded
    return user


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """A view for everybody who is signed in."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        viewer()
        return view(*args, **kwargs)

    return guarded


def needs(act: rights.Act) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A view for those who may do `act` anywhere. What belongs to a team asks `rights.require` itself."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            rights.require(viewer(), act)
            return view(*args, **kwargs)

        return guarded

    return decorate


def register(app: Flask) -> None:
    """Know the person before every view and in every template."""
    app.before_request(_look_up)
    app.context_processor(_for_templates)
    app.register_error_handler(SignInNeeded, _lead_to_the_door)


def _look_up() -> None:
    """Find the person once, early: moments are worded in their zone. Notes the use every few minutes."""
    if request.endpoint in (None, "static") or not cookie.token():
        return
    session = current_session()
    if session is None:
        return
    if sessions.use_is_worth_noting(session, at=clock.now()):
        with transaction():
            sessions.note_use(session, at=clock.now())
    try:
        g.viewer_zone = zone.named(session.user.time_zone)
    except zone.UnknownZone:  # this machine's list of zones is older than the person's choice
        return


def _for_templates() -> dict[str, object]:
    user = current_user()
    return {"viewer": user, "viewer_zone_name": "UTC" if user is None else user.time_zone, "theme": None}


def _lead_to_the_door(_: SignInNeeded) -> ResponseReturnValue:
    """A page for people leads to the sign-in and back again; a program's request is told in its own tongue."""
    if request.is_json or request.accept_mimetypes.best == "application/json":
        return jsonify(type="about:blank", title="Your login ended", status=401, detail="Sign in again."), 401
    here = request.full_path.rstrip("?") if request.method == "GET" else request.form.get("back")
    return redirect(url_for("doors.login", next=local_path(here, "/")), 303)
