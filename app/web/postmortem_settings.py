"""The organisation's wishes for postmortems: when one opens by itself, and what it begins with."""

from collections.abc import Collection, Mapping

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain import postmortem as rules
from app.domain.invalid import InvalidField
from app.domain.words import IncidentSeverity, PostmortemPart
from app.learning import settings
from app.learning.feedback import is_anonymous
from app.learning.open import beginnings, severities
from app.people import queries
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import problems_of
from app.web.incident_view import IMPACTS
from app.web.redirects import see
from app.web.toast import toast

blueprint = Blueprint("postmortem_settings", __name__)


@blueprint.get("/organisation/postmortems")
@needs(Act.MANAGE_ORGANISATION)
def show() -> str:
    return _page(severities(), beginnings())


@blueprint.post("/organisation/postmortems")
@needs(Act.MANAGE_ORGANISATION)
def change() -> ResponseReturnValue:
    """For postmortems that open from now on."""
    chosen = [each for each in request.form.getlist("severity") if each in list(IncidentSeverity)]
    template = {part: request.form.get(str(part), "") for part in PostmortemPart}
    try:
        with transaction():
            organisation = queries.organisation()
            if organisation is None:
                raise NotFound
            settings.change(
                organisation, severities=[IncidentSeverity(each) for each in chosen], template=template,
                is_feedback_anonymous=request.form.get("anonymous") == "yes", by=viewer(), at=clock.now(),
            )  # fmt: skip
    except InvalidField as invalid:
        return _page(chosen, template, problems_of(invalid)), 422
    toast("Kept, for postmortems that open from now on.")
    return see(url_for(".show"))


def _page(
    chosen: Collection[str], template: Mapping[PostmortemPart, str], problems: dict[str, str] | None = None
) -> str:
    return render_template(
        "organisation/postmortems.html", chosen=chosen, anonymous=is_anonymous(), problems=problems or {},
        severities=[(str(each), each.upper(), words) for each, words in IMPACTS.items()],
        parts=[(str(part), rules.TITLES[part], template[part]) for part in PostmortemPart],
    )  # fmt: skip
