"""The second factor: asked for after a password, set up in Me, or before anything else where it is a must."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.notices import news
from app.people import begun, code_app, sign_in, ways
from app.people.models import User
from app.people.sign_in_policy import policy
from app.web import passkeys
from app.web import session as cookie
from app.web.access import at_the_door, lacks_second_factor, prove_lately, signed_in, viewer
from app.web.letting_in import STEP, let_in, sign_in_here
from app.web.redirects import local_path, see
from app.web.toast import toast

blueprint = Blueprint("second_factor", __name__)

WRONG = "This is not the code of this moment. Codes change every 30 s, and each is taken once."
MUST = "Your role needs a second factor. Add a passkey first, then take the codes away."


@blueprint.get("/login/code")
def ask() -> ResponseReturnValue:
    onward = local_path(request.args.get("next"), "/")
    if begun.look(cookie.step(), STEP, at=clock.now()) is None:
        return see(url_for("doors.login", next=onward))
    return _ask(onward)


@blueprint.post("/login/code")
def take() -> ResponseReturnValue:
    """The six digits, or a recovery code. Wrong ones are counted with the wrong passwords (SEC-14)."""
    onward, now = local_path(request.form.get("next"), "/"), clock.now()
    with transaction():
        waiting = begun.look(cookie.step(), STEP, at=now)
        user = None if waiting is None else db.session.get(User, waiting.user_id)
        if user is None or not user.is_active or user.locked_at is not None:
            return see(url_for("doors.login", next=onward))
        known = cookie.known_browser(user.email)
        attempt = sign_in.begin(user.email, address=request.remote_addr or "", known_browser=known, at=now)
    if isinstance(attempt, sign_in.Wait):
        words = f"Too many tries. Try again in {attempt.seconds} s."
        return _ask(onward, words), 429, {"Retry-After": str(attempt.seconds)}
    with transaction():
        user = db.session.get_one(User, user.id)
        if code_app.takes(request.form.get("code", ""), user, at=now) and begun.finish(
            cookie.step(), STEP, at=now
        ):
            sign_in.succeed(attempt, user)
            return let_in(user, onward, factors=2)
        sign_in.note_failure(attempt, at=now)
    return _ask(onward, WRONG), 422


@blueprint.get("/login/second-factor")
def show() -> ResponseReturnValue:
    """What somebody must do whose role needs two kinds of proof and who gave one: the rest waits."""
    me, onward = at_the_door(), local_path(request.args.get("next"), "/")
    if not lacks_second_factor():
        return redirect(onward)
    return render_template(
        "doors/second_factor.html",
        person=me,
        onward=onward,
        has_two=ways.of(me, policy()).has_two_factors,
        policy=policy(),
        knows_passkeys=passkeys.here() is not None,
    )


@blueprint.post("/me/security/code-app")
def begin() -> ResponseReturnValue:
    """A picture for the app to read. Nothing changes until it shows the right code."""
    me = at_the_door()
    prove_lately()
    with transaction():
        return _set_up(code_app.begin(me, at=clock.now()))


@blueprint.post("/me/security/code-app/confirmation")
def confirm() -> ResponseReturnValue:
    me = at_the_door()
    token = request.form.get("token", "")
    with transaction():
        codes = code_app.finish(token, request.form.get("code", ""), me, at=clock.now())
        if codes is not None:
            news.way_in(me, "A code is asked for when you sign in with your password", at=clock.now())
            # two proofs now: a session of more weight, under a new id
            return sign_in_here(make_response(_codes(codes)), me, factors=2)
    if code_app.secret_of(token, me, at=clock.now()) is None:
        toast("Setting up took too long. Begin again.", failed=True)
        return see(url_for("me_security.show"))
    return _set_up(token, WRONG), 422


@blueprint.post("/me/security/code-app/removal")
@signed_in
def remove() -> ResponseReturnValue:
    prove_lately()
    with transaction():
        me = viewer()
        has_passkey = ways.of(me, policy()).passkeys > 0
        if policy().needs_two_factors(me.role) and not has_passkey:
            toast(MUST, failed=True)
        else:
            code_app.forget(me, by=me, at=clock.now())
            news.way_in(me, "No code is asked for any more when you sign in", at=clock.now())
            toast("No code is asked for any more.")
    return see(url_for("me_security.show"))


@blueprint.post("/me/security/recovery-codes")
@signed_in
def renew_recovery_codes() -> ResponseReturnValue:
    """Ten new ones; those before open nothing any more."""
    prove_lately()
    with transaction():
        if not code_app.is_set_up(viewer()):
            return see(url_for("me_security.show"))
        return _codes(code_app.new_recovery_codes(viewer(), at=clock.now()))


def _ask(onward: str, problem: str | None = None) -> str:
    return render_template("doors/code.html", onward=onward, problem=problem)


def _set_up(token: str, problem: str | None = None) -> str:
    me = at_the_door()
    key = code_app.secret_of(token, me, at=clock.now())
    assert key is not None  # begun, or looked at, a moment ago
    import segno  # read here: who sets up codes needs a picture, nobody else

    picture = segno.make(code_app.address_of(key, me), error="m")
    return render_template(
        "me/code_app.html",
        token=token,
        key=" ".join(key[start : start + 4] for start in range(0, len(key), 4)),
        picture=picture.svg_data_uri(omitsize=True, dark="#000", light="#fff", border=3),
        problem=problem,
    )


def _codes(codes: list[str]) -> str:
    return render_template("me/recovery_codes.html", codes=codes)
