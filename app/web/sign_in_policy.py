"""Sign-in: which ways in the organisation leaves open, and who needs two kinds of proof."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.invalid import InvalidField
from app.domain.sign_in_policy import SignInPolicy
from app.domain.words import SecondFactorFor
from app.people import queries
from app.people.rights import Act
from app.people.sign_in_policy import change_policy, policy, provider_is_configured
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import problems_of
from app.web.redirects import see
from app.web.toast import toast

blueprint = Blueprint("sign_in_policy", __name__, url_prefix="/organisation/sign-in")

WHO = (
    (SecondFactorFor.NOBODY, "Nobody has to", "People may set one up for themselves."),
    (SecondFactorFor.ADMINISTRATORS, "Administrators", "They can let others in."),
    (SecondFactorFor.MANAGERS, "Managers and administrators", "They can change who is paged."),
    (SecondFactorFor.EVERYBODY, "Everybody", "Pages are still acknowledged without signing in."),
)


@blueprint.get("")
@needs(Act.MANAGE_ORGANISATION)
def show() -> str:
    return _page(policy())


@blueprint.post("")
@needs(Act.MANAGE_ORGANISATION)
def change() -> ResponseReturnValue:
    ticked, who = request.form.getlist("ways"), request.form.get("second_factor_for", "")
    known = who in SecondFactorFor.__members__.values()
    wanted = SignInPolicy(
        passkeys="passkeys" in ticked,
        passwords="passwords" in ticked,
        # where none is configured the box is not drawn, and its last answer holds
        provider="provider" in ticked or not provider_is_configured(),
        second_factor_for=SecondFactorFor(who) if known else policy().second_factor_for,
    )
    try:
        with transaction():
            organisation = queries.organisation()
            if organisation is None:
                raise NotFound
            change_policy(organisation, wanted, by=viewer(), at=clock.now())
    except InvalidField as invalid:
        return _page(wanted, problems_of(invalid)), 422
    toast("Kept. It holds from now on.")
    return see(url_for("sign_in_policy.show"))


def _page(shown: SignInPolicy, problems: dict[str, str] | None = None) -> str:
    return render_template(
        "organisation/sign_in.html",
        shown=shown,
        problems=problems or {},
        who=WHO,
        provider_is_configured=provider_is_configured(),
    )
