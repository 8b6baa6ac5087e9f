"""The doors: sign in and sign out."""

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain import zone
from app.domain.device import device_name
from app.domain.site import site_of
from app.people import code_app, passwords, queries, sessions, sign_in
from app.people.sign_in_policy import policy
from app.web import session as cookie
from app.web.access import current_session, current_user, person_at_the_door
from app.web.letting_in import ask_for_code, let_in
from app.web.redirects import local_path

doors = Blueprint("doors", __name__)

WRONG = "This address and this password do not belong together."
CLOSED = "This organisation takes no passwords. Come in another way."


@doors.get("/login")
def login() -> ResponseReturnValue:
    """The ways in. `again`: somebody who is signed in shows once more that it is them."""
    onward = local_path(request.args.get("next"), "/")
    if current_user() is not None and not request.args.get("again"):
        return redirect(onward)
    return login_page(onward)


@doors.post("/login")
def sign_in_with_password() -> ResponseReturnValue:
    onward = local_path(request.form.get("next"), "/")
    if not policy().passwords:
        return login_page(onward, CLOSED), 422
    try:
        passwords.expect_room()
        return _with_password(request.form.get("email", ""), request.form.get("password", ""), onward)
    except passwords.TooManyHashes as busy:
        return login_page(onward, str(busy)), 503, {"Retry-After": "5"}


def _with_password(email: str, password: str, onward: str) -> ResponseReturnValue:
    with transaction():
        attempt = sign_in.begin(
            email,
            address=request.remote_addr or "",
            known_browser=cookie.known_browser(email),
            at=clock.now(),
        )
    if isinstance(attempt, sign_in.Wait):
        return asked_to_wait(onward, attempt)
    try:
        user = sign_in.check(attempt, password)
        renewed = None if user is None else sign_in.renewed_hash(user, password)
    except passwords.TooManyHashes:
        with transaction():
            sign_in.forget(attempt)
        raise
    if user is None:
        with transaction():
            sign_in.note_failure(attempt, at=clock.now())
        return login_page(onward, WRONG), 422
    with transaction():
        if code_app.is_set_up(user):
            sign_in.half_way(attempt, user, renewed=renewed)
            return ask_for_code(user, onward)
        sign_in.succeed(attempt, user, renewed=renewed)
        return let_in(user, onward, factors=1)


@doors.post("/logout")
def logout() -> ResponseReturnValue:
    """Sign this browser out. Pages still reach the device: a login that is over must not silence anybody."""
    with transaction():
        if (here := current_session()) is not None:
            sessions.sign_out(here, at=clock.now())
    session.clear()
    response = redirect(url_for("doors.login"), 303)
    cookie.forget(response)
    return response


def device() -> str:
    """What this browser is called until somebody names it."""
    return device_name(request.headers.get("User-Agent", ""))


def login_page(onward: str, problem: str | None = None) -> str:
    """The ways in that are open, with what went wrong the last time."""
    known = person_at_the_door() if request.args.get("again") else None
    settings = current_app.config["settings"]
    return render_template(
        "doors/login.html",
        onward=onward,
        email=request.form.get("email", known.email if known else ""),
        problem=problem,
        again=known is not None,
        lost=known is not None and request.args.get("lost") is not None,
        policy=policy(),
        knows_passkeys=site_of(settings.base_url) is not None,
        provider_name=settings.oidc_name,
        nobody_yet=not queries.has_an_administrator_who_can_sign_in(),
    )


def asked_to_wait(onward: str, wait: sign_in.Wait) -> ResponseReturnValue:
    """The door, which says when the next try is taken."""
    words = f"Too many tries. Try again in {wait.seconds} s."
    return login_page(onward, words), 429, {"Retry-After": str(wait.seconds)}


def time_zones() -> list[str]:
    """The zones to choose from: those named after places, and UTC."""
    places = (name for name in zone.names() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return ["UTC", *sorted(places)]
