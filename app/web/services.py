"""Services: what we look after, whether an alert of each would ring somewhere, the ways in and their keys."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts import integrations, readiness, services
from app.alerts.models import Integration, Service
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.phrase import counted
from app.domain.readiness import Fix
from app.domain.words import Improves, ServiceKind
from app.incidents import access
from app.learning import cycle
from app.oncall.models import EscalationPolicy
from app.people import queries
from app.people.rights import Act, may, require
from app.web import trends_view
from app.web.access import needs, viewer
from app.web.action_items import improving
from app.web.errors import NotFound
from app.web.form import as_number, problems_of
from app.web.new_key import KINDS, LASTS, SILENCES, expiry_chosen, of_service, open_door, show_key
from app.web.toast import toast
from app.web.words import moment, plain

blueprint = Blueprint("services", __name__)


@blueprint.get("/services")
@needs(Act.SEE_OPERATIONS)
def index() -> str:
    return _index()


@blueprint.post("/services")
@needs(Act.SEE_OPERATIONS)
def create() -> ResponseReturnValue:
    """A service of a team whose services this person may edit."""
    team_id = request.form.get("team_id", type=as_number) or 0
    require(viewer(), Act.EDIT_SERVICES, team_id=team_id)
    try:
        with transaction():
            service = services.create(
                name=request.form.get("name", ""), team_id=team_id, by=viewer(), at=clock.now(),
                escalation_policy_id=_only_policy_of(team_id), owner_id=viewer().id,
            )  # fmt: skip
            number = service.id
    except InvalidField as invalid:
        return _index(problems_of(invalid)), 422
    return redirect(url_for("services.show", number=number), 303)


@blueprint.get("/services/<int:number>")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    return _page(_service(number))


@blueprint.post("/services/<int:number>")
@needs(Act.SEE_OPERATIONS)
def change(number: int) -> ResponseReturnValue:
    """Its name, kind, policy, owner and description."""
    try:
        with transaction():
            service = _editable(number)
            services.change(
                service,
                name=request.form.get("name", service.name),
                escalation_policy_id=request.form.get("escalation_policy_id", type=as_number),
                owner_id=request.form.get("owner_id", type=as_number),
                description=request.form.get("description", ""),
                kind=request.form.get("kind", service.kind),
                public_name=request.form.get("public_name", service.public_name),
                by=viewer(),
                at=clock.now(),
            )
    except InvalidField as invalid:
        return _page(_service(number), problems_of(invalid)), 422
    toast("Kept.")
    return redirect(url_for("services.show", number=number), 303)


@blueprint.post("/services/<int:number>/deactivation")
@needs(Act.SEE_OPERATIONS)
def deactivate(number: int) -> ResponseReturnValue:
    with transaction():
        service = _editable(number)
        services.deactivate(service, by=viewer(), at=clock.now())
        name = service.name
    toast(f"{name} is deactivated. Its history stays.")
    return redirect(url_for("services.show", number=number), 303)


@blueprint.post("/services/<int:number>/deactivation/removal")
@needs(Act.SEE_OPERATIONS)
def activate(number: int) -> ResponseReturnValue:
    with transaction():
        service = _editable(number)
        services.activate(service, by=viewer(), at=clock.now())
        name = service.name
    toast(f"{name} is looked after again. Its keys work as before.")
    return redirect(url_for("services.show", number=number), 303)


@blueprint.post("/services/<int:number>/removal")
@needs(Act.SEE_OPERATIONS)
def remove(number: int) -> ResponseReturnValue:
    """Only one that nothing has happened to goes for good."""
    with transaction():
        service = _editable(number)
        name = service.name
        gone = services.remove(service, by=viewer(), at=clock.now())
    toast(f"{name} is gone." if gone else f"{name} has a history, so it is deactivated and that stays.")
    return redirect(url_for("services.index"), 303)


@blueprint.post("/services/<int:number>/integrations")
@needs(Act.SEE_OPERATIONS)
def create_integration(number: int) -> ResponseReturnValue:
    """A way in, whose key the answer shows, this once."""
    try:
        with transaction():
            service = _open(number)
            kind = request.form.get("kind", "")
            named = request.form.get("integration_name", "").strip()
            usual = {str(one): word for one, word, _ in KINDS}.get(kind, "")
            until = expiry_chosen(request.form.get("lasts", ""), at=clock.now())
            integration, key = open_door(
                service, named or usual, kind, by=viewer(), expires_at=until,
                silence=request.form.get("silence", ""),
            )  # fmt: skip
            return _shown(integration, key)
    except InvalidField as invalid:
        problems = problems_of(invalid)
        return _page(_service(number), {"integration_name": problems.pop("name", ""), **problems}), 422


@blueprint.post("/integrations/<int:number>/keys")
@needs(Act.SEE_OPERATIONS)
def add_key(number: int) -> ResponseReturnValue:
    """Another key for a way in, beside the present one."""
    try:
        with transaction():
            integration, at = _way_in(number), clock.now()
            service_id = _open(integration.service_id).id
            until = expiry_chosen(request.form.get("lasts", ""), at=at)
            key = integrations.add_key(integration, by=viewer(), at=at, expires_at=until)
            return _shown(integration, key)
    except InvalidField as invalid:
        return _page(_service(service_id), problems_of(invalid)), 422


@blueprint.post("/integrations/<int:number>/keys/<int:key_id>/removal")
@needs(Act.SEE_OPERATIONS)
def end_key(number: int, key_id: int) -> ResponseReturnValue:
    """This key is refused from here on."""
    with transaction():
        integration = _way_in(number)
        key = next((one for one in integration.keys if one.id == key_id), None)
        if key is None:
            raise NotFound
        integrations.end_key(key, by=viewer(), at=clock.now())
        number = integration.service_id
    toast("That key is ended.")
    return redirect(url_for("services.show", number=number), 303)


def _way_in(number: int) -> Integration:
    integration = db.session.get(Integration, number)
    if integration is None or not integration.is_active:
        raise NotFound
    _editable(integration.service_id)
    return integration


def _service(number: int) -> Service:
    """The service, unless it belongs to a team the viewer sees nothing of."""
    seen = db.select(Service).where(Service.id == number, access.services_seen_by(viewer()))
    service: Service | None = db.session.scalars(seen).one_or_none()
    if service is None:
        raise NotFound
    return service


def _editable(number: int) -> Service:
    service = _service(number)
    require(viewer(), Act.EDIT_SERVICES, team_id=service.team_id)
    return service


def _open(number: int) -> Service:
    """One whose ways in may be changed: while it is deactivated they stay shut (L-SVC-06)."""
    service = _editable(number)
    if not service.is_active:
        raise InvalidTransition(f"{service.name} is deactivated, so its ways in stay shut. Activate it first.")
    return service


def _shown(integration: Integration, key: str) -> ResponseReturnValue:
    onward = url_for("services.show", number=integration.service_id)
    return show_key(integration, key, onward=onward, word="I have stored it")


def _only_policy_of(team_id: int) -> int | None:
    """The team's policy, where there is no choice."""
    found = db.session.scalars(
        db.select(EscalationPolicy.id).where(EscalationPolicy.team_id == team_id).limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def _index(problems: dict[str, str] | None = None) -> str:
    here = "deactivated" if request.args.get("tab") == "deactivated" else "active"
    seen = db.select(Service).where(Service.is_active == (here == "active"), access.services_seen_by(viewer()))
    rows = db.session.scalars(seen.order_by(Service.name)).all()
    return render_template(
        "services/index.html",
        services=rows,
        here=here,
        findings=readiness.of(rows, at=clock.now()),
        teams=[team for team in queries.teams() if may(viewer(), Act.EDIT_SERVICES, team_id=team.id)],
        problems=problems or {},
        answers=request.form,
        may_set_up=may(viewer(), Act.SET_UP),
    )


def _page(service: Service, problems: dict[str, str] | None = None) -> str:
    policies = [
        policy
        for policy in db.session.scalars(db.select(EscalationPolicy).order_by(EscalationPolicy.name))
        if policy.id == service.escalation_policy_id
        or services.may_name(viewer(), policy, team_id=service.team_id)
    ]
    return render_template(
        "services/show.html",
        service=service,
        findings=readiness.of([service], at=clock.now())[service.id],
        improved_by=improving(Improves.SERVICE, service.id),
        taught=[_taught(each) for each in cycle.of_service(service, viewer())],
        sees_trends=service.name in trends_view.service_names(),
        fixes=_FIXES,
        integrations=of_service(service),
        kinds=KINDS,
        silences=SILENCES,
        lasts=LASTS,
        may_edit=may(viewer(), Act.EDIT_SERVICES, team_id=service.team_id),
        policies=[("", "None: the last resort at once")] + [(policy.id, policy.name) for policy in policies],
        people=[("", "Nobody in particular")] + [(user.id, user.name) for user in queries.active_users()],
        what=[(ServiceKind.TECHNICAL, "A technical service"), (ServiceKind.APPLICATION, "An application")],
        answers=request.form,
        problems=problems or {},
    )


def _taught(each: cycle.Taught) -> tuple[str, str, str, str]:
    """An incident of this service: its address and name, how it ended, what came of it."""
    incident, written = each.incident, each.postmortem
    ended = f"resolved {moment(incident.resolved_at)}" if incident.resolved_at else "going on"
    came = [f"postmortem {written.state.replace('_', ' ')}" if written else "no postmortem"]
    if each.promised:
        came.append(f"{each.carried_out} of {counted(each.promised, 'action')} carried out")
    where = f"/postmortems/{incident.id}" if written else f"/incidents/{incident.id}"
    name = f"INC-{incident.id} {plain(incident.title)}"
    return where, name, f"{incident.severity.upper()}, {ended}", ", ".join(came).capitalize()


_FIXES = {
    Fix.POLICY: ("#escalation_policy_id", "Choose a policy"),
    Fix.SCHEDULE: ("/on-call", "See who is on call"),
    Fix.DEVICE: ("/me/devices", "My devices"),
    Fix.INTEGRATION: ("#integration_name", "Make a way in"),
    Fix.OWNER: ("#owner_id", "Choose an owner"),
}
