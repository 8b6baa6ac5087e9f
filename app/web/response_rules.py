"""Response rules: what happens by itself to a new alert, in order."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts.models import Alert, Service
from app.database import db, transaction
from app.domain import response_rule as domain
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.response_rule import Act as RuleAct
from app.domain.response_rule import Action, Condition, Field
from app.domain.words import Improves, Severity
from app.incidents import access, response_rules
from app.incidents.models import ResponseRule
from app.people.models import Team
from app.people.queries import teams
from app.people.rights import Act, may
from app.web.access import needs, viewer
from app.web.action_items import improving
from app.web.errors import NotFound
from app.web.form import as_number
from app.web.redirects import see
from app.web.toast import toast
from app.web.words import ALERT_WORD, plain

blueprint = Blueprint("response_rules", __name__)


@dataclass(frozen=True)
class Line:
    """A rule read aloud."""

    number: int
    name: str
    says: str
    is_on: bool
    is_first: bool


@blueprint.get("/response-rules")
@needs(Act.SEE_OPERATIONS)
def index() -> str:
    """The rules in the order in which they look at an alert; with `?alert=` what they would do to that one."""
    rules, names = response_rules.in_order(), _names()
    number = request.args.get("alert", type=as_number)
    return render_template(
        "response_rules/index.html", rules=[_line(rule, names, place) for place, rule in enumerate(rules)],
        may_edit=may(viewer(), Act.EDIT_SERVICES), severities=[(each, ALERT_WORD[each]) for each in Severity],
        services=[("", "Any service"), *((s.id, plain(s.name)) for s in _services())],
        tried=None if number is None else _trial(number, names), number=number or "",
        improved_by=improving(Improves.RULE),
        teams=[("", "Nobody"), *((team.id, plain(team.name)) for team in teams())],
    )  # fmt: skip


@blueprint.post("/response-rules")
@needs(Act.EDIT_SERVICES)
def create() -> ResponseReturnValue:
    """A rule at the end of the order, on, for alerts from now on."""
    try:
        with transaction():
            response_rules.create(
                name=request.form.get("name", ""), conditions=_conditions(),
                needs_all=request.form.get("match") != "any", actions=_actions(),
                stops=bool(request.form.get("stops")), by=viewer(), at=clock.now(),
            )  # fmt: skip
    except InvalidField as invalid:
        raise InvalidTransition(invalid.errors[0][1]) from invalid
    return _back("Made. It looks at alerts from now on.")


@blueprint.post("/response-rules/<int:number>/switch")
@needs(Act.EDIT_SERVICES)
def switch(number: int) -> ResponseReturnValue:
    is_on = request.form.get("on") == "yes"
    with transaction():
        response_rules.switch(_rule(number), is_on=is_on, by=viewer(), at=clock.now())
    return _back("On, for alerts from now on." if is_on else "Off.")


@blueprint.post("/response-rules/<int:number>/position")
@needs(Act.EDIT_SERVICES)
def move_up(number: int) -> ResponseReturnValue:
    """One place earlier."""
    with transaction():
        rule = _rule(number)
        place = [each.id for each in response_rules.in_order()].index(rule.id)
        response_rules.move(rule, place, by=viewer(), at=clock.now())
    return _back("Moved up.")


@blueprint.post("/response-rules/<int:number>/removal")
@needs(Act.EDIT_SERVICES)
def remove(number: int) -> ResponseReturnValue:
    with transaction():
        response_rules.remove(_rule(number), by=viewer(), at=clock.now())
    return _back("Removed. What it did stays in the timelines.")


@dataclass(frozen=True)
class Trial:
    """A dry run: the alert it is about, and each step with the rule that would take it."""

    title: str
    steps: list[tuple[str, str]]


def _trial(number: int, names: dict[tuple[str, str], str]) -> Trial:
    """What would happen to an alert like this one now. NotFound for one that the viewer may not see."""
    alert = db.session.get(Alert, number) if number < 2**31 else None
    if alert is None or not access.may_see(viewer(), alert):
        raise NotFound
    steps = [(_does(action, names), plain(rule.name)) for rule, action in response_rules.would_do(alert)]
    return Trial(plain(alert.title), steps)


def _conditions() -> tuple[Condition, ...]:
    """What was ticked and typed; what was left empty is no condition."""
    found = []
    if severities := request.form.getlist("severity"):
        found.append({"field": "severity", "among": severities})
    if service := request.form.get("service"):
        found.append({"field": "service", "among": [service]})
    if label := request.form.get("label", "").strip():
        found.append({"field": "label", "name": label, "among": [request.form.get("value", "").strip()]})
    return domain.parse_conditions(found)


def _actions() -> tuple[Action, ...]:
    found = [{"act": "promote"}] if request.form.get("promote") else []
    found += [{"act": "open_room"}] if request.form.get("open_room") else []
    found += [
        {"act": act, "team_id": team} for act in ("assign_team", "notify") if (team := request.form.get(act))
    ]
    if not found:
        raise InvalidTransition("Choose what the rule does.")
    return domain.parse_actions(found)


def _line(rule: ResponseRule, names: dict[tuple[str, str], str], place: int) -> Line:
    when = (" and " if rule.needs_all else " or ").join(
        _when(each, names) for each in domain.parse_conditions(rule.conditions)
    )
    does = ", ".join(_does(each, names) for each in domain.parse_actions(rule.actions))
    then = "then stop" if rule.stops else "then continue"
    return Line(rule.id, plain(rule.name), f"When {when or 'anything'}: {does}, {then}", rule.is_on, place == 0)


def _when(condition: Condition, names: dict[tuple[str, str], str]) -> str:
    words = " or ".join(plain(names.get(("service", each), each)) for each in condition.among) if (
        condition.field is Field.SERVICE
    ) else " or ".join(plain(each) for each in condition.among)  # fmt: skip
    what = f"label {plain(condition.name)}" if condition.field is Field.LABEL else str(condition.field)
    return f"{what} is {words}"


def _does(action: Action, names: dict[tuple[str, str], str]) -> str:
    team = plain(names.get(("team", str(action.team_id)), "a team that is gone"))
    words = {
        RuleAct.PROMOTE: "make it an incident",
        RuleAct.ASSIGN_TEAM: f"bring {team} in",
        RuleAct.NOTIFY: f"tell {team}",
        RuleAct.OPEN_ROOM: "open the war room",
    }
    return words[action.act]


def _names() -> dict[tuple[str, str], str]:
    services = {("service", str(each.id)): each.name for each in _services()}
    return services | {("team", str(team.id)): team.name for team in db.session.scalars(sa.select(Team))}


def _services() -> list[Service]:
    return list(db.session.scalars(sa.select(Service).order_by(Service.name)))


def _rule(number: int) -> ResponseRule:
    rule = db.session.get(ResponseRule, number)
    if rule is None:
        raise NotFound
    return rule


def _back(says: str) -> ResponseReturnValue:
    toast(says)
    return see(url_for(".index"))
