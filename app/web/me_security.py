"""Me, Security: my ways in, my second factor, where I am signed in, and a phone I lost."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.phrase import counted
from app.notices import news
from app.paging import subscriptions
from app.people import code_app, passkeys, passwords, sessions, users, ways
from app.people.models import Session, User
from app.people.provider_accounts import of as provider_accounts_of
from app.people.sign_in_policy import policy
from app.web import passkeys as doors_for_keys
from app.web.access import current_session, prove_lately, signed_in, viewer
from app.web.errors import NotFound
from app.web.letting_in import let_in
from app.web.toast import toast

blueprint = Blueprint("me_security", __name__, url_prefix="/me/security")


@blueprint.get("")
@signed_in
def show() -> str:
    return _page()


@blueprint.post("/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """A new password, for somebody who knows the old one, or has none yet and proved lately that it is them."""
    me, current, wanted = viewer(), request.form.get("current", ""), request.form.get("password", "")
    try:
        if me.password_hash is None:
            prove_lately()
        elif not passwords.matches(current[: passwords.LONGEST + 1], me.password_hash):
            return _page({"current": "This is not your password."}), 422
        if problem := users.password_problem(wanted, email=me.email, name=me.name):
            return _page({"password": problem}), 422
        hashed = passwords.hashed(wanted)
    except passwords.TooManyHashes as busy:
        return _page({"password": str(busy)}), 503
    with transaction():
        me, here = viewer(), current_session()
        users.set_password(me, hashed, by=me, at=clock.now())
        news.way_in(me, "Your password was changed", at=clock.now())
        sessions.end_all(me, but=here)
        response = let_in(me, url_for("me_security.show"), factors=1 if here is None else here.factors)
    toast("Your password is changed. Other sign-ins ended.")
    return response


@blueprint.post("/sessions/<int:number>/removal")
@signed_in
def end_session(number: int) -> ResponseReturnValue:
    """End one sign-in. `lost`: its device is paged no more either, in the same tap (feature 73)."""
    lost = request.form.get("lost") == "yes"
    with transaction():
        me, row = viewer(), db.session.get(Session, number)
        if row is None or row.user_id != me.id:
            raise NotFound
        sentence = f"{row.device} is signed out."
        if lost:
            for device in subscriptions.of_session(row.token_hash, me):
                subscriptions.remove(device, by=me, at=clock.now(), because="lost")
                sentence = f"{row.device} is signed out and paged no more."
        sessions.end(row)
    toast(sentence)
    return redirect(url_for("me_security.show"), 303)


@blueprint.post("/others/removal")
@signed_in
def end_other_sessions() -> ResponseReturnValue:
    with transaction():
        ended = sessions.end_all(viewer(), but=current_session())
    toast(f"{counted(ended, 'other sign-in')} ended.")
    return redirect(url_for("me_security.show"), 303)


def _page(problems: dict[str, str] | None = None) -> str:
    me: User = viewer()
    here, living = current_session(), sessions.of(me, at=clock.now())
    settings = current_app.config["settings"]
    return render_template(
        "me/security.html",
        problems=problems or {},
        here=here,
        sessions=living,
        paged={row.id for row in living if subscriptions.of_session(row.token_hash, me)},
        passkeys=passkeys.of(me),
        knows_passkeys=doors_for_keys.here() is not None,
        has_code_app=code_app.is_set_up(me),
        codes_left=code_app.codes_left(me),
        accounts=provider_accounts_of(me),
        provider_name=settings.oidc_name,
        policy=policy(),
        ways=ways.of(me, policy()),
        shortest=passwords.SHORTEST,
    )
