"""Playbooks, and the organisation's response plan: what is agreed before anything burns."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts.models import Service
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.update import TEMPLATES
from app.domain.words import Audience, Improves, IncidentSeverity
from app.incidents import access, playbooks, response_rules
from app.incidents.models import Playbook, ResponseRule
from app.people import queries as people
from app.people.change_organisation import change_response_plan
from app.people.rights import Act, may
from app.web.access import needs, viewer
from app.web.action_items import improving
from app.web.errors import NotFound
from app.web.form import as_number, problems_of
from app.web.incident_view import IMPACTS
from app.web.markdown import markdown
from app.web.redirects import see
from app.web.toast import toast
from app.web.words import lasted, plain

blueprint = Blueprint("playbooks", __name__)

READERS = {
    Audience.RESPONDERS: "those who work on it", Audience.STAKEHOLDERS: "stakeholders, too",
    Audience.ORGANISATION: "the whole organisation", Audience.PUBLIC: "the public, too",
}  # fmt: skip


@blueprint.get("/response-plan")
@needs(Act.SEE_INCIDENTS)
def plan() -> str:
    """Roles, severities and protocols, and what the organisation adds to them."""
    found = people.organisation()
    own = found.response_plan if found is not None else ""
    return render_template(
        "playbooks/plan.html", own=own, shown=markdown(own) if own else "",
        may_edit=may(viewer(), Act.MANAGE_ORGANISATION),
        severities=[
            (each, IMPACTS[each], READERS[told.audience], lasted(told.every) if told.every else "")
            for each, told in TEMPLATES.items()
        ],
    )  # fmt: skip


@blueprint.post("/response-plan")
@needs(Act.MANAGE_ORGANISATION)
def change_plan() -> ResponseReturnValue:
    with transaction():
        found = people.organisation()
        if found is None:
            raise NotFound
        change_response_plan(found, request.form.get("response_plan", ""), by=viewer(), at=clock.now())
    toast("Kept. It stands in every incident.")
    return see(url_for(".plan"))


@blueprint.get("/playbooks")
@needs(Act.SEE_OPERATIONS)
def index() -> str:
    return render_template(
        "playbooks/index.html", may_edit=may(viewer(), Act.EDIT_SERVICES),
        playbooks=[(each.id, plain(each.name), says(each)) for each in playbooks.by_name()],
    )  # fmt: skip


@blueprint.get("/playbooks/new")
@needs(Act.EDIT_SERVICES)
def write() -> str:
    return _form({"name": "", "body": "", "severities": [], "services": [], "rules": []})


@blueprint.post("/playbooks")
@needs(Act.EDIT_SERVICES)
def create() -> ResponseReturnValue:
    try:
        with transaction():
            playbooks.create(**_asked(), by=viewer(), at=clock.now())
    except InvalidField as invalid:
        return _form(_typed(), problems_of(invalid)), 422
    toast("Kept. Incidents it is for offer it from now on.")
    return see(url_for(".index"))


@blueprint.get("/playbooks/<int:number>")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    """As it reads, and for whoever may, as it is written."""
    found = _playbook(number)
    if not may(viewer(), Act.EDIT_SERVICES):
        return render_template(
            "playbooks/show.html",
            name=plain(found.name),
            says=says(found),
            shown=markdown(found.body),
            improved_by=improving(Improves.PLAYBOOK, number),
        )
    return _form(
        {
            "name": found.name, "body": found.body, "severities": found.severities,
            "services": [each.id for each in found.services], "rules": [each.id for each in found.rules],
        },
        number=number,
    )  # fmt: skip


@blueprint.post("/playbooks/<int:number>")
@needs(Act.EDIT_SERVICES)
def change(number: int) -> ResponseReturnValue:
    try:
        with transaction():
            playbooks.change(_playbook(number), **_asked(), by=viewer(), at=clock.now())
    except InvalidField as invalid:
        return _form(_typed(), problems_of(invalid), number=number), 422
    toast("Kept. What was ticked stays ticked where the line says the same.")
    return see(url_for(".index"))


@blueprint.post("/playbooks/<int:number>/removal")
@needs(Act.EDIT_SERVICES)
def remove(number: int) -> ResponseReturnValue:
    with transaction():
        playbooks.remove(_playbook(number), by=viewer(), at=clock.now())
    toast("Removed. What was ticked stays in the timelines.")
    return see(url_for(".index"))


def says(playbook: Playbook) -> str:
    """What it is for."""
    names = [each.upper() for each in playbook.severities]
    names += [plain(each.name) for each in playbook.services]
    names += [f"the rule {plain(each.name)}" for each in playbook.rules]
    return f"For {', '.join(names)}" if names else "For nothing yet"


def _playbook(number: int) -> Playbook:
    found = db.session.get(Playbook, number)
    if found is None:
        raise NotFound
    return found


def _typed() -> dict[str, Any]:
    return {
        "name": request.form.get("name", ""), "body": request.form.get("body", ""),
        "severities": [each for each in request.form.getlist("severity") if each in list(IncidentSeverity)],
        "services": request.form.getlist("service", type=as_number),
        "rules": request.form.getlist("rule", type=as_number),
    }  # fmt: skip


def _asked() -> dict[str, Any]:
    said = _typed()
    services = sa.select(Service).where(Service.id.in_(said["services"]), access.services_seen_by(viewer()))
    rules = sa.select(ResponseRule).where(ResponseRule.id.in_(said["rules"]))
    return said | {
        "severities": [IncidentSeverity(each) for each in said["severities"]],
        "services": db.session.scalars(services.order_by(Service.id)).all(),
        "rules": db.session.scalars(rules.order_by(ResponseRule.id)).all(),
    }


def _form(said: dict[str, Any], problems: dict[str, str] | None = None, *, number: int | None = None) -> str:
    services = sa.select(Service).where(Service.is_active, access.services_seen_by(viewer()))
    return render_template(
        "playbooks/edit.html", said=said, problems=problems or {}, number=number,
        severities=[(str(each), each.upper(), words) for each, words in IMPACTS.items()],
        services=[(each.id, plain(each.name)) for each in db.session.scalars(services.order_by(Service.name))],
        rules=[(each.id, plain(each.name)) for each in response_rules.in_order()],
        improved_by=improving(Improves.PLAYBOOK, number) if number else [],
    )  # fmt: skip
