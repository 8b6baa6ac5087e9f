"""The organisation: its name and zone, who reads what, and the doors to what only administrators see."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.invalid import InvalidField
from app.people import queries
from app.people.change_organisation import change_organisation
from app.people.models import Organisation
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.doors import time_zones
from app.web.errors import NotFound
from app.web.form import problems_of, typed
from app.web.health_view import health_of
from app.web.redirects import see
from app.web.toast import toast

blueprint = Blueprint("organisation", __name__, url_prefix="/organisation")


@blueprint.get("")
@needs(Act.MANAGE_ORGANISATION)
def show() -> str:
    found = _organisation()
    return _page({"name": found.name, "time_zone": found.time_zone}, is_open=found.is_reading_open)


@blueprint.post("")
@needs(Act.MANAGE_ORGANISATION)
def change() -> ResponseReturnValue:
    answers, is_open = typed("name", "time_zone"), request.form.get("reading") == "open"
    try:
        with transaction():
            change_organisation(
                _organisation(), **answers, is_reading_open=is_open, by=viewer(), at=clock.now()
            )
    except InvalidField as invalid:
        return _page(answers, problems_of(invalid), is_open=is_open), 422
    toast("Kept.")
    return see(url_for("organisation.show"))


@blueprint.get("/health")
@needs(Act.MANAGE_ORGANISATION)
def health() -> str:
    """Whether everything that paging stands on is there, part by part."""
    return render_template("organisation/health.html", parts=health_of(now=clock.now()))


def _organisation() -> Organisation:
    found = queries.organisation()
    if found is None:
        raise NotFound
    return found


def _page(answers: dict[str, str], problems: dict[str, str] | None = None, *, is_open: bool) -> str:
    return render_template(
        "organisation/show.html",
        answers=answers,
        problems=problems or {},
        is_open=is_open,
        is_status_public=_organisation().is_status_public,
        zones=time_zones(),
        people=len(queries.active_users()),
        parts=health_of(now=clock.now()),
    )
