"""Escalation policies: the steps, what is odd about them, and who would be paged if an alert came then."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts.models import Service
from app.alerts.simulate import simulate
from app.database import db, transaction
from app.domain.invalid import InvalidField, StaleVersion
from app.domain.lifecycle import InvalidTransition, urgency_of
from app.domain.policy import Policy, Step, parse_steps, steps_to_json
from app.domain.policy_check import PolicyFinding
from app.domain.words import Improves, LowUrgency, Severity, Urgency
from app.oncall import policies, remove
from app.oncall.models import EscalationPolicy
from app.oncall.policy_check import look_at
from app.oncall.unfold import named_by, unfold
from app.people import queries
from app.people.models import Team, User
from app.people.rights import Act, may, require
from app.web import policy_form as form
from app.web import policy_view as view
from app.web.access import needs, viewer
from app.web.action_items import improving
from app.web.doors import time_zones
from app.web.errors import NotFound
from app.web.form import as_number, row_number, typed_moment
from app.web.schedule_form import WEEKDAYS
from app.web.toast import toast
from app.web.words import ALERT_WORD, plain, viewer_zone

blueprint = Blueprint("policies", __name__, url_prefix="/escalation-policies")

STALE = "Somebody changed this policy meanwhile. Your draft is still here: look at both, then publish."


@dataclass(frozen=True)
class Asked:
    """If what fired when: the fields of the simulation."""

    service: str
    severity: Severity
    urgency: Urgency
    at: datetime


@blueprint.get("/new")
@needs(Act.SEE_OPERATIONS)
def new() -> ResponseReturnValue:
    team = _team(request.args.get("team_id", type=as_number))
    name = f"{team.name} critical"
    taken = db.session.scalar(sa.select(EscalationPolicy.id).where(EscalationPolicy.name == name))
    return _page(form.Draft("" if taken else name, [form.StepRow(zone=viewer().time_zone)]), team)


@blueprint.post("/new")
@needs(Act.SEE_OPERATIONS)
def create() -> ResponseReturnValue:
    team = _team(request.form.get("team_id", type=as_number))
    draft = _sent()
    if not _publishes(draft):
        return _page(draft, team)
    try:
        with transaction():
            made = policies.create(
                name=draft.name, team_id=team.id, steps=draft.steps_json(), by=viewer(), at=clock.now(),
                **draft.columns(),
            )  # fmt: skip
            number = made.id
    except InvalidField as invalid:
        return _page(draft, _team(team.id), problems=_by_field(invalid)), 422
    toast("Published. It pages nobody until a service is paged by it.")
    return redirect(url_for(".show", number=number), 303)


@blueprint.get("/<int:number>")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> ResponseReturnValue:
    """The policy, with its simulation; to be changed by those who may."""
    policy = _policy(number)
    return _page(form.of_policy(policy, viewer().time_zone), policy.team, policy)


@blueprint.post("/<int:number>")
@needs(Act.SEE_OPERATIONS)
def change(number: int) -> ResponseReturnValue:
    """A press that changes the draft or looks at it, or the one that publishes it."""
    policy, draft = _editable(number), _sent()
    if not _publishes(draft):
        return _page(draft, policy.team, policy)
    try:
        with transaction():
            policies.replace(
                _editable(number), version=request.form.get("version", type=as_number) or 0, name=draft.name,
                team_id=policy.team_id, steps=draft.steps_json(), by=viewer(), at=clock.now(),
                **draft.columns(),
            )  # fmt: skip
    except InvalidField as invalid:
        policy = _editable(number)
        return _page(draft, policy.team, policy, problems=_by_field(invalid)), 422
    except StaleVersion:
        policy = _editable(number)
        return _page(draft, policy.team, policy, problems={"name": STALE}, is_stale=True), 409
    toast("Published. Alerts that escalate already keep the steps they took.")
    return redirect(url_for(".show", number=number), 303)


@blueprint.post("/<int:number>/removal")
@needs(Act.SEE_OPERATIONS)
def remove_policy(number: int) -> ResponseReturnValue:
    """Away with it, where nothing is paged by it."""
    with transaction():
        policy = _editable(number)
        if using := _services(policy):
            raise InvalidTransition(f"{using[0].name} is paged by it. Give that another policy first.")
        try:
            remove.remove_policy(policy, by=viewer(), at=clock.now())
        except remove.InUse as in_use:
            raise InvalidTransition(str(in_use)) from in_use
        team_id = policy.team_id
    toast("Removed. Alerts that escalate already keep the steps they took.")
    return redirect(url_for("teams.show", number=team_id, tab="services"), 303)


def _sent() -> form.Draft:
    return form.read(request.form, viewer().time_zone)


def _publishes(draft: form.Draft) -> bool:
    """Whether that was the button pressed; any other changes the draft."""
    pressed = request.form.get("press", "")
    form.press(draft, pressed, zone=viewer().time_zone)
    return pressed == "publish"


def _team(number: int | None) -> Team:
    team = db.session.get(Team, number or 0)
    if team is None:
        raise NotFound
    require(viewer(), Act.EDIT_ON_CALL, team_id=team.id)
    return team


def _policy(number: int) -> EscalationPolicy:
    policy = db.session.get(EscalationPolicy, number)
    if policy is None:
        raise NotFound
    return policy


def _editable(number: int) -> EscalationPolicy:
    policy = _policy(number)
    require(viewer(), Act.EDIT_ON_CALL, team_id=policy.team_id)
    return policy


def _by_field(invalid: InvalidField) -> dict[str, str]:
    """The first sentence about each field of the form."""
    found: dict[str, str] = {}
    for pointer, sentence in invalid.errors:
        found.setdefault(form.field_of(pointer), sentence[:1].upper() + sentence[1:])
    return found


def _services(policy: EscalationPolicy | None) -> list[Service]:
    if policy is None:
        return []
    using = sa.select(Service).where(Service.escalation_policy_id == policy.id).order_by(Service.name)
    return list(db.session.scalars(using))


def _asked() -> Asked:
    """What the simulation is asked; a critical alert, now, where nothing or nonsense is."""
    said = request.values.get("severity", "")
    severity = Severity(said) if said in list(Severity) else Severity.CRITICAL
    wanted = request.values.get("urgency", "")
    urgency = Urgency(wanted) if wanted in list(Urgency) else urgency_of(severity)
    at = typed_moment(request.values.get("at")) or clock.now()
    return Asked(request.values.get("service", ""), severity, urgency, at)


def _simulated(draft: form.Draft, team: Team, services: list[Service], asked: Asked) -> view.Shown | None:
    """None while the draft cannot be read."""
    columns = draft.columns()
    try:
        kept = steps_to_json(parse_steps(draft.steps_json()))
        last = columns["last_resort_user_id"]
        said = {"steps": kept, "repeat": columns["repeat"], "last_resort_user_id": last}
        policy = Policy.from_json(said).to_json()
    except InvalidField:
        return None
    unfolded = policy | {"steps": unfold(kept), "name": draft.name}
    of = next((each for each in services if str(each.id) == asked.service), services[0] if services else None)
    if of is not None and asked.urgency is Urgency.LOW and of.low_urgency is LowUrgency.RECORD:
        return view.only_recorded(of.name)
    story = simulate(unfolded, of.team_id if of else team.id, asked.urgency, asked.severity, at=asked.at)
    return view.lines_of(story, at=asked.at)


def _findings(draft: form.Draft, policy: EscalationPolicy | None) -> tuple[PolicyFinding, ...]:
    """What the check says; of a draft that has empty steps, at least that."""
    answers = draft.columns()["answers"]
    try:
        steps = [_step(step) for step in draft.steps_json()]
    except InvalidField:
        return ()
    many = answers if isinstance(answers, int) else 1
    return look_at(policy.id if policy else None, steps, answers=many, at=clock.now())


def _step(json: dict[str, Any]) -> Step:
    """A step as far as it is there: one that names nobody yet is none to publish, but one to look at."""
    anybody = [{"kind": "user", "id": "1"}]
    (step,) = parse_steps([json | {"targets": json["targets"] or anybody}])
    return step if json["targets"] else replace(step, targets=())


def _page(
    draft: form.Draft,
    team: Team,
    policy: EscalationPolicy | None = None,
    *,
    problems: dict[str, str] | None = None,
    is_stale: bool = False,
) -> str:
    services, asked = _services(policy), _asked()
    sent = 0 if is_stale else request.form.get("version", type=as_number) or 0
    local = asked.at.astimezone(viewer_zone())
    edits = may(viewer(), Act.EDIT_ON_CALL, team_id=team.id)
    return render_template(
        "policies/edit.html", draft=draft, team=team, policy=policy, services=services, may_edit=edits,
        version=sent or (policy.version if policy else 0), problems=problems or {},
        findings=_findings(draft, policy), shown=_simulated(draft, team, services, asked), asked=asked,
        asked_at=f"{local:%Y-%m-%dT%H:%M}", targets=view.targets(policy.id if policy else None, team.id),
        service_choices=[(str(each.id), plain(each.name)) for each in services],
        leading=named_by(policy.id) if policy else [], people=_people(draft.last_resort), hours=form.HOURS,
        weekdays=WEEKDAYS, severities=[(each, ALERT_WORD[each]) for each in Severity],
        is_pressed=request.method == "POST", zones=time_zones(),
        shown_within=current_app.config["settings"].shown_within, again=_again(draft.ask_again),
        action=request.path, improved_by=improving(Improves.POLICY, policy.id) if policy else [],
    )  # fmt: skip


AGAIN = (
    ("", "Never"), ("5", "5 minutes"), ("15", "15 minutes"), ("30", "30 minutes"), ("60", "1 hour"),
    ("240", "4 hours"), ("1440", "1 day"), ("10080", "7 days"),
)  # fmt: skip


def _again(chosen: str) -> list[tuple[str, str]]:
    """The usual lengths, and the one it has."""
    return [*AGAIN, *([(chosen, f"{chosen} minutes")] if chosen not in dict(AGAIN) else [])]


def _people(chosen: str) -> list[tuple[str, str]]:
    """Who may be the last resort, and who is, also when they have left."""
    usual = ("", "As usual: the team’s manager, else administrators")
    here = [usual, *((str(user.id), plain(user.name)) for user in queries.responders())]
    gone = db.session.get(User, row_number(chosen)) if chosen not in dict(here) else None
    return [*here, *([(chosen, f"{plain(gone.name)} (has left)")] if gone else [])]
