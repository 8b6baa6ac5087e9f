"""Passkeys at every door: signing in, joining, and one's own list of them."""

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.site import Site, site_of
from app.notices import news
from app.oncall import arrive
from app.people import invitations, passkeys, sign_in, users
from app.people.ways_in import Passkey
from app.web import doors, join, session
from app.web.access import signed_in, viewer
from app.web.errors import NotFound
from app.web.form import problems_of, typed
from app.web.letting_in import let_in
from app.web.redirects import local_path
from app.web.toast import toast

blueprint = Blueprint("passkeys", __name__)

LONGEST_NAME = 100  # characters of what a device shows beside the key


@blueprint.post("/login/passkey/options")
def ask_to_sign_in() -> ResponseReturnValue:
    """What the browser needs to look for its passkeys: the same for everybody (SEC-15)."""
    with transaction():
        return _options(passkeys.ask_to_sign_in(_site(), at=clock.now()))


@blueprint.post("/login/passkey")
def sign_in_with_passkey() -> ResponseReturnValue:
    """Slowed like a password (SEC-14): by address, or in a browser its owner has signed in from by itself."""
    onward, answer = local_path(request.form.get("next"), "/"), request.form.get("credential", "")
    site = _site()
    with transaction():
        owner = passkeys.claimed_by(answer)
        known = None if owner is None else session.known_browser(owner.email)
        attempt = sign_in.begin(
            owner.email if owner is not None and known is not None else "",
            address=request.remote_addr or "",
            known_browser=known,
            at=clock.now(),
        )
    if isinstance(attempt, sign_in.Wait):
        return doors.asked_to_wait(onward, attempt)
    with transaction():
        user = passkeys.sign_in(answer, site, at=clock.now())
        if user is not None:
            sign_in.succeed(attempt, user)
            return let_in(user, onward, factors=2)
    return doors.login_page(onward, passkeys.REFUSED), 422


@blueprint.post("/join/<token>/passkey/options")
def ask_to_join(token: str) -> ResponseReturnValue:
    with transaction():
        invitation = invitations.find(token, at=clock.now())
        if invitation is None:
            raise NotFound
        return _options(
            passkeys.ask_to_make(
                _site(), purpose=passkeys.JOIN, email=invitation.email, name=_name(), at=clock.now()
            )
        )


@blueprint.post("/join/<token>/passkey")
def join_with(token: str) -> ResponseReturnValue:
    """Come in with the passkey the browser just made. Without one, the password of the same form counts."""
    answer = request.form.get("credential", "")
    if not answer:
        return join.with_password(token)
    invitation = invitations.find(token, at=clock.now())
    if invitation is None:
        return join.over(token)
    answers = typed("name", "time_zone")
    if problems := users.own_problems(**answers):
        return join.page(token, invitation, answers, problems), 422
    try:
        with transaction():
            key = passkeys.made(answer, _site(), purpose=passkeys.JOIN, email=invitation.email, at=clock.now())
            user = key and arrive.accept(token, **answers, at=clock.now())
            if key and user:
                passkeys.add(user, key, name=doors.device(), at=clock.now())
                return let_in(user, url_for("me.devices"), factors=2)
    except InvalidField as invalid:
        return join.page(token, invitation, answers, problems_of(invalid)), 422
    if key:
        return join.over(token)
    return join.page(token, invitation, answers, {"passkey": passkeys.REFUSED}), 422


@blueprint.post("/me/security/passkeys/options")
@signed_in
def ask_to_add() -> ResponseReturnValue:
    me = viewer()
    with transaction():
        return _options(
            passkeys.ask_to_make(
                _site(), purpose=passkeys.ADD, email=me.email, name=me.name, user=me, at=clock.now()
            )
        )


@blueprint.post("/me/security/passkeys")
@signed_in
def add() -> ResponseReturnValue:
    try:
        with transaction():
            me = viewer()
            key = passkeys.made(
                request.form.get("credential", ""), _site(), purpose=passkeys.ADD, email=me.email, user=me,
                at=clock.now(),
            )  # fmt: skip
            if key is not None:
                added = passkeys.add(me, key, name=request.form.get("name") or doors.device(), at=clock.now())
                news.way_in(me, f"The passkey {added.name} signs you in from now", at=clock.now())
    except InvalidField as invalid:
        toast(invalid.errors[0][1], failed=True)
    else:
        toast("Your passkey is kept. It signs you in from now on." if key else passkeys.REFUSED, failed=not key)
    return redirect(url_for("me_security.show"), 303)


@blueprint.post("/me/security/passkeys/<int:number>/name")
@signed_in
def rename(number: int) -> ResponseReturnValue:
    try:
        with transaction():
            passkeys.rename(_mine(number), request.form.get("name", ""))
    except InvalidField as invalid:
        toast(invalid.errors[0][1], failed=True)
    return redirect(url_for("me_security.show"), 303)


@blueprint.post("/me/security/passkeys/<int:number>/removal")
@signed_in
def remove(number: int) -> ResponseReturnValue:
    try:
        with transaction():
            key = _mine(number)
            sentence = f"{key.name} lets you in no more."
            passkeys.remove(key, by=viewer(), at=clock.now())
            news.way_in(viewer(), f"The passkey {key.name} signs you in no longer", at=clock.now())
    except passkeys.LastWayIn as last:
        toast(str(last), failed=True)
    else:
        toast(sentence)
    return redirect(url_for("me_security.show"), 303)


def here() -> Site | None:
    """What passkeys are bound to here; None where no browser makes any."""
    return site_of(current_app.config["settings"].base_url)


def _site() -> Site:
    if (site := here()) is None:
        raise NotFound
    return site


def _options(options: str) -> Response:
    return Response(options, mimetype="application/json")


def _name() -> str:
    said = request.get_json(silent=True)
    name = said.get("name") if isinstance(said, dict) else None
    return name[:LONGEST_NAME] if isinstance(name, str) else ""


def _mine(number: int) -> Passkey:
    """The passkey of that number, if it is the viewer's; nobody is told of others' (SEC-16)."""
    key = db.session.get(Passkey, number)
    if key is None or key.user_id != viewer().id:
        raise NotFound
    return key
