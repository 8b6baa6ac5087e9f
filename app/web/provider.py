"""Single sign-on: there and back, for signing in, joining, and linking one's own account."""

import hmac

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.notices import news
from app.oncall import arrive
from app.people import begun, code_app, invitations, passkeys, provider_accounts, queries, secret
from app.people.models import User
from app.people.oidc import Account, Provider, ProviderRefused, provider
from app.people.sign_in_policy import policy
from app.people.ways_in import Begun, ProviderAccount
from app.web import session as cookie
from app.web.access import current_session, prove_lately, signed_in, viewer
from app.web.errors import NotFound
from app.web.letting_in import ask_for_code, let_in
from app.web.redirects import local_path, see
from app.web.toast import toast

blueprint = Blueprint("provider", __name__)

SIGN_IN, LINK = "provider_sign_in", "provider_link"
FAILED = "Single sign-on did not work, and nothing was changed. Try again, or come in another way."
UNKNOWN = (
    "The provider knows you, Nightbell does not yet. Ask for an invitation to the address you have there, or"
    " sign in another way and link the account under Me, Security."
)


@blueprint.get("/login/provider")
def start() -> ResponseReturnValue:
    """A link, not a form: the browser goes on to another site."""
    return _there(SIGN_IN, onward=local_path(request.args.get("next"), "/"))


@blueprint.post("/me/security/provider")
@signed_in
def link() -> ResponseReturnValue:
    """Begin to link the account to whoever is signed in here. A form, so that no other site can begin it with
    an account of its own; its answer holds the link, since a form may not lead to another site.
    """
    prove_lately()
    return _there(LINK, onward=url_for("me_security.show"), user=viewer())


@blueprint.get("/login/provider/return")
def come_back() -> ResponseReturnValue:
    """The provider's answer. The trip is over with it, whatever it says, and must be this browser's."""
    at, state = clock.now(), request.args.get("state", "")
    with transaction():
        trip = begun.finish(state, SIGN_IN, at=at) or begun.finish(state, LINK, at=at)
    if trip is None or not _is_of_this_browser(trip):
        return _failed()
    try:
        account = _provider().account(
            request.args.get("code", ""),
            nonce=trip.data["nonce"],
            verifier=trip.data["verifier"],
            redirect_uri=_redirect_uri(),
            at=at,
        )
        return _link(trip, account) if trip.purpose == LINK else _sign_in(trip, account)
    except (ProviderRefused, InvalidField) as refused:
        return _failed(refused.errors[0][1] if isinstance(refused, InvalidField) else FAILED)


@blueprint.post("/me/security/provider/<int:number>/removal")
@signed_in
def unlink(number: int) -> ResponseReturnValue:
    try:
        with transaction():
            row = db.session.get(ProviderAccount, number)
            if row is None or row.user_id != viewer().id:
                raise NotFound
            provider_accounts.unlink(row, by=viewer(), at=clock.now())
    except passkeys.LastWayIn as last:
        toast(str(last), failed=True)
    else:
        toast("This account lets you in no more.")
    return see(url_for("me_security.show"))


def _sign_in(trip: Begun, account: Account) -> ResponseReturnValue:
    """Whoever has this account linked. Else an open invitation to the address the provider has verified; an
    address alone, verified or not, never opens somebody's existing door.
    """
    onward = trip.data["onward"]
    with transaction():
        user = provider_accounts.person_of(account.issuer, account.subject)
        if user is None and (user := _join(account)) is not None:
            onward = url_for("me.devices")
        if user is None:
            return _failed(UNKNOWN)
        if account.factors < 2 and code_app.is_set_up(user):
            return ask_for_code(user, onward)
        return let_in(user, onward, factors=account.factors)


def _join(account: Account) -> User | None:
    if account.email is None:
        return None
    invitation = invitations.find_by_email(account.email, at=clock.now())
    organisation = queries.organisation()
    zone = organisation.time_zone if organisation is not None else "UTC"
    name = account.name.strip()[:100] or account.email.partition("@")[0]
    if invitation is None:
        return None
    user = arrive.let_in(invitation, name=name, time_zone=zone, at=clock.now())
    if user is not None:
        provider_accounts.link(
            user, issuer=account.issuer, subject=account.subject, email=account.email, at=clock.now()
        )
    return user


def _link(trip: Begun, account: Account) -> ResponseReturnValue:
    here = current_session()
    if here is None or here.user_id != trip.user_id:
        return _failed()
    with transaction():
        me = viewer()
        provider_accounts.link(
            me, issuer=account.issuer, subject=account.subject, email=account.email or "an account without a "
            "verified address", at=clock.now(),
        )  # fmt: skip
        news.way_in(me, f"An account at {_name()} signs you in from now", at=clock.now())
    toast("Your account is linked. It signs you in from now on.")
    return see(trip.data["onward"])


def _there(purpose: str, *, onward: str, user: User | None = None) -> ResponseReturnValue:
    """Begin a trip: its state in the address, its nonce and verifier in a row, its browser by a cookie."""
    if not policy().provider:
        raise NotFound
    browser = secret.new()
    state = secret.new()
    try:
        way = _provider().way_there(redirect_uri=_redirect_uri(), state=state)
    except ProviderRefused:
        return _failed()
    with transaction():
        begun.keep(
            state, purpose, at=clock.now(), user=user, onward=onward, nonce=way.nonce, verifier=way.verifier,
            browser=secret.digest(browser),
        )  # fmt: skip
    onward_page = render_template("doors/provider_onward.html", address=way.address, name=_name())
    response: Response = (
        redirect(way.address, 303) if purpose == SIGN_IN else current_app.make_response(onward_page)
    )
    cookie.keep_step(response, browser)
    return response


def _is_of_this_browser(trip: Begun) -> bool:
    """Else somebody could send another the end of their own trip, and sign them in as themself."""
    return hmac.compare_digest(secret.digest(cookie.step() or ""), trip.data["browser"])


def _provider() -> Provider:
    if not policy().provider:
        raise NotFound
    return provider(current_app.config["settings"])


def _name() -> str:
    return str(current_app.config["settings"].oidc_name)


def _redirect_uri() -> str:
    """What the operator registers at the provider."""
    return f"{current_app.config['settings'].base_url}{url_for('provider.come_back')}"


def _failed(sentence: str = FAILED) -> ResponseReturnValue:
    response = current_app.make_response(
        (render_template("doors/provider_failed.html", sentence=sentence), 403)
    )
    cookie.keep_step(response, "")
    return response
