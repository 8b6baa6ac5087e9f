"""The invited person's door: who they are, one way in, and on to the device that shall ring."""

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.invalid import InvalidField
from app.domain.site import site_of
from app.oncall import arrive
from app.people import invitations, passwords, queries, users
from app.people.sign_in_policy import policy
from app.people.ways_in import Invitation
from app.web.doors import CLOSED, time_zones
from app.web.form import problems_of, typed
from app.web.letting_in import let_in

blueprint = Blueprint("join", __name__, url_prefix="/join")


@blueprint.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """Looking does not use the link up: mail programs and previewers look too."""
    invitation = invitations.find(token, at=clock.now())
    return over(token) if invitation is None else page(token, invitation, {"time_zone": "UTC"})


@blueprint.post("/<token>")
def with_password(token: str) -> ResponseReturnValue:
    invitation = invitations.find(token, at=clock.now())
    if invitation is None:
        return over(token)
    if not policy().passwords:
        return page(token, invitation, typed("name", "time_zone"), {"password": CLOSED}), 422
    answers, password = typed("name", "time_zone"), request.form.get("password", "")
    problems = users.own_problems(**answers)
    if problem := users.password_problem(password, email=invitation.email, name=answers["name"]):
        problems["password"] = problem
    if problems:
        return page(token, invitation, answers, problems), 422
    try:
        hashed = passwords.hashed(password)
        with transaction():
            user = arrive.accept(token, **answers, password_hash=hashed, at=clock.now())
            return over(token) if user is None else let_in(user, url_for("me.devices"), factors=1)
    except InvalidField as invalid:
        return page(token, invitation, answers, problems_of(invalid)), 422
    except passwords.TooManyHashes as busy:
        return page(token, invitation, answers, {"password": str(busy)}), 503


def page(
    token: str, invitation: Invitation, answers: dict[str, str], problems: dict[str, str] | None = None
) -> str:
    """Who asks, into what, and the two ways to come in."""
    return render_template(
        "doors/join.html",
        token=token,
        invitation=invitation,
        organisation=queries.organisation(),
        policy=policy(),
        knows_passkeys=site_of(current_app.config["settings"].base_url) is not None,
        provider_name=current_app.config["settings"].oidc_name,
        answers=answers,
        problems=problems or {},
        zones=time_zones(),
        shortest=passwords.SHORTEST,
    )


def over(token: str) -> ResponseReturnValue:
    """This link opens nothing; the page says the same whatever the reason, and names nobody."""
    return render_template("doors/invitation_over.html"), 410 if invitations.was_made(token) else 404
