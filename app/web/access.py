"""Who is asking, and whether they may: for every page behind a sign-in."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, current_app, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain import zone
from app.people import rights, sessions
from app.people.models import Session, User
from app.people.sign_in_policy import needs_two_factors
from app.web import session as cookie
from app.web.redirects import local_path

P = ParamSpec("P")
R = TypeVar("R")


# what open screens ask for all the time looks the person up by itself, when it has to
LOOKS = frozenset({"incident_live.version", "incident_live.look"})


class SignInNeeded(Exception):
    """Nobody is signed in here, or no longer."""


class SecondFactorNeeded(Exception):
    """Somebody is, but with one kind of proof where the organisation wants two."""


class ProofNeeded(Exception):
    """Somebody is, but proved it too long ago for what they want to do now (SEC-10)."""


def asked_at() -> datetime:
    """When this request began to be answered: its rights are asked several times, and on PostgreSQL the clock
    is a question to the database.
    """
    if "asked_at" not in g:
        g.asked_at = clock.now()
    moment: datetime = g.asked_at
    return moment


def current_session() -> Session | None:
    """The living session of this request's cookie; looked up once."""
    if "session" not in g:
        token = cookie.token()
        g.session = sessions.find(token, at=asked_at()) if token else None
    found: Session | None = g.session
    return found


def current_user() -> User | None:
    """Whoever is signed in, as far as the organisation wants them to be; None for nobody."""
    return None if lacks_second_factor() else person_at_the_door()


def person_at_the_door() -> User | None:
    """Whose session this is, even where it still lacks the second factor that opens anything else."""
    session = current_session()
    return None if session is None else session.user


def lacks_second_factor() -> bool:
    """Whether this session was begun with one kind of proof, and its person's role needs two."""
    session = current_session()
    if session is None or session.factors >= 2:
        return False
    if "lacks_second_factor" not in g:
        g.lacks_second_factor = needs_two_factors(session.user.role)
    lacks: bool = g.lacks_second_factor
    return lacks


def viewer() -> User:
    """Whoever is signed in. Raises SignInNeeded, which leads to the sign-in and back, or SecondFactorNeeded."""
    user = current_user()
    if user is None:
        raise SecondFactorNeeded if lacks_second_factor() else SignInNeeded
    return user


def at_the_door() -> User:
    """The same, for what a person must reach to set up a second factor. Raises SignInNeeded."""
    user = person_at_the_door()
    if user is None:
        raise SignInNeeded
    return user


def prove_lately() -> None:
    """Raises ProofNeeded unless the person proved within 12 hours that it is them."""
    session = current_session()
    if session is not None and not sessions.is_fresh(session, at=asked_at()):
        raise ProofNeeded


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """A view for everybody who is signed in."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        viewer()
        return view(*args, **kwargs)

    return guarded


def needs(act: rights.Act) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A view for those who may do `act` anywhere. What belongs to a team asks `rights.require` itself.

    An administrative act wants a recent proof besides.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            rights.require(viewer(), act)
            if act in rights.ADMINISTRATIVE:
                prove_lately()
            return view(*args, **kwargs)

        return guarded

    return decorate


def register(app: Flask) -> None:
    """Know the person before every view and in every template."""
    app.before_request(_look_up_early)
    app.context_processor(_for_templates)
    app.register_error_handler(SignInNeeded, _lead_to_the_door)
    app.register_error_handler(SecondFactorNeeded, _lead_to_the_second_factor)
    app.register_error_handler(ProofNeeded, _ask_again)


def _look_up_early() -> None:
    if request.endpoint not in (None, "static", *LOOKS):
        look_up()


def look_up() -> None:
    """Find the person once: moments are worded in their zone. Notes the use every few minutes."""
    if not cookie.token():
        return
    session = current_session()
    if session is None:
        return
    if sessions.use_is_worth_noting(session, at=asked_at()):
        with transaction():
            sessions.note_use(session, at=asked_at())
    try:
        g.viewer_zone = zone.named(session.user.time_zone)
    except zone.UnknownZone:  # this machine's list of zones is older than the person's choice
        return


def _for_templates() -> dict[str, object]:
    user = current_user()
    return {"viewer": user, "viewer_zone_name": "UTC" if user is None else user.time_zone, "theme": None}


def _lead_to_the_door(_: SignInNeeded) -> ResponseReturnValue:
    """A page for people leads to the sign-in and back again; a program's request is told in its own tongue."""
    if _speaks_json():
        return jsonify(type="about:blank", title="Your login ended", status=401, detail="Sign in again."), 401
    return redirect(url_for("doors.login", next=_way_back("/")), 303)


def _lead_to_the_second_factor(_: SecondFactorNeeded) -> ResponseReturnValue:
    if _speaks_json():
        told = "Set up a second factor first."
        return jsonify(type="about:blank", title=told, status=403, detail=told), 403
    return redirect(url_for("second_factor.show", next=_way_back("/")), 303)


def _ask_again(_: ProofNeeded) -> ResponseReturnValue:
    """To the sign-in and back. What was posted is not kept: the page says so, and what to do again."""
    if _speaks_json():
        told = "Sign in again for this, then repeat it."
        return jsonify(type="about:blank", title=told, status=403, detail=told), 403
    lost = None if request.method == "GET" else "yes"
    return redirect(url_for("doors.login", again="yes", lost=lost, next=_way_back("/me")), 303)


def _speaks_json() -> bool:
    return request.is_json or request.accept_mimetypes.best == "application/json"


def _way_back(otherwise: str) -> str:
    """The page to return to: this one, or for a form the one it stood on."""
    here = request.full_path.rstrip("?") if request.method == "GET" else request.form.get("back")
    if here is None and _has_a_page():
        here = request.path
    return local_path(here, otherwise)


def _has_a_page() -> bool:
    """Whether what was posted to can also be looked at, as most forms' addresses can."""
    return request.url_rule is not None and any(
        rule.rule == request.url_rule.rule and "GET" in (rule.methods or ())
        for rule in current_app.url_map.iter_rules()
    )
