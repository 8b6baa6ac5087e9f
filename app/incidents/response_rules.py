"""Rules that look at each new alert once: kept in order by people, run by the engine (S-26)."""

import logging
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from app.alerts import queries as alert_queries
from app.alerts.hand_to_team import hand_to_team
from app.alerts.models import Alert
from app.database import db
from app.domain import response_rule as rules
from app.domain.invalid import InvalidField
from app.domain.notice import NoticeEvent
from app.domain.response_rule import Act, Action, AlertFacts, Condition
from app.domain.text import one_line
from app.domain.timeline import Kind, Subject
from app.domain.words import NoticeCategory, Severity
from app.incidents import assemble, queries, war_room
from app.incidents.models import ResponseRule
from app.incidents.promote import promote
from app.notices.post import post
from app.people.models import Membership, Team, User
from app.people.rights import Act as Right
from app.people.rights import require
from app.timeline.record import record

_logger = logging.getLogger(__name__)
BATCH = 20
DEFAULT = "Critical alerts become incidents"


def create(
    *, name: str, conditions: tuple[Condition, ...], needs_all: bool, actions: tuple[Action, ...], stops: bool,
    by: User, at: datetime,
) -> ResponseRule:  # fmt: skip
    """A rule at the end of the order, for alerts from now on."""
    require(by, Right.EDIT_SERVICES)
    rule = _added(name, conditions, needs_all, actions, stops, at=at)
    record(Kind.CREATED, Subject.RESPONSE_RULE, rule.id, at=at, by=by, name=rule.name)
    return rule


def plant_default(*, at: datetime) -> None:
    """The one rule of a new organisation, on: a critical alert becomes an incident (L-RUL-03)."""
    if in_order():
        return
    critical = Condition(rules.Field.SEVERITY, (str(Severity.CRITICAL),))
    _added(DEFAULT, (critical,), True, (Action(Act.PROMOTE),), False, at=at)


def change(
    rule: ResponseRule, *, name: str, conditions: tuple[Condition, ...], needs_all: bool,
    actions: tuple[Action, ...], stops: bool, by: User, at: datetime,
) -> None:  # fmt: skip
    """What it says from now on. Alerts it has seen are not looked at again."""
    require(by, Right.EDIT_SERVICES)
    rule.name = _name(name)
    rule.conditions, rule.actions = rules.to_json(conditions), rules.to_json(actions)
    rule.needs_all, rule.stops, rule.updated_at = needs_all, stops, at
    record(Kind.CHANGED, Subject.RESPONSE_RULE, rule.id, at=at, by=by, name=rule.name)


def switch(rule: ResponseRule, *, is_on: bool, by: User, at: datetime) -> None:
    """On or off. Switched on, it looks at alerts from now on."""
    require(by, Right.EDIT_SERVICES)
    if rule.is_on == is_on:
        return
    rule.is_on, rule.updated_at = is_on, at
    if is_on:
        rule.after_alert_id = _newest_alert()
    record(Kind.CHANGED, Subject.RESPONSE_RULE, rule.id, at=at, by=by, is_on=is_on)


def move(rule: ResponseRule, position: int, *, by: User, at: datetime) -> None:
    """To another place in the order, 1 for the first; the others close up."""
    require(by, Right.EDIT_SERVICES)
    others = [each for each in in_order() if each.id != rule.id]
    others.insert(max(position, 1) - 1, rule)
    for place, each in enumerate(others, start=1):
        each.position = place
    record(Kind.CHANGED, Subject.RESPONSE_RULE, rule.id, at=at, by=by, position=rule.position)


def remove(rule: ResponseRule, *, by: User, at: datetime) -> None:
    require(by, Right.EDIT_SERVICES)
    record(Kind.DELETED, Subject.RESPONSE_RULE, rule.id, at=at, by=by, name=rule.name)
    db.session.delete(rule)


def in_order() -> list[ResponseRule]:
    return list(db.session.scalars(sa.select(ResponseRule).order_by(ResponseRule.position, ResponseRule.id)))


def waiting(*, limit: int = BATCH) -> list[int]:
    """Open alerts that no rule has looked at, oldest first; none while no rule is on."""
    oldest = db.session.scalar(sa.select(sa.func.min(ResponseRule.after_alert_id)).where(ResponseRule.is_on))
    if oldest is None:
        return []
    found = sa.select(Alert.id).where(Alert.ruled_at.is_(None), Alert.id > oldest, Alert.status != "resolved")
    return list(db.session.scalars(found.order_by(Alert.id).limit(limit)))


def run(alert_id: int, *, at: datetime) -> int:
    """Let the rules look at an alert, once. Returns how many actions they took."""
    alert = alert_queries.locked(alert_id)
    if alert is None or alert.ruled_at is not None or not alert.is_open:
        return 0
    alert.ruled_at = at
    steps = rules.plan([_read(row) for row in in_order() if row.is_on], _facts(alert))
    for rule, action in steps:
        _do(alert, rule.name, action, at=at)
    return len(steps)


def would_do(alert: Alert) -> list[tuple[rules.Rule, Action]]:
    """What the rules that are on would do to an alert like this one if it came in now. Does nothing."""
    return rules.plan([replace(_read(row), after_alert_id=0) for row in in_order() if row.is_on], _facts(alert))


def set_aside(alert_id: int, error: Exception, *, at: datetime) -> None:
    """A rule failed on this alert: it is not looked at again, and its timeline says so. Paging goes on."""
    _logger.exception("response rules failed on alert %s", alert_id)
    alert = alert_queries.locked(alert_id)
    if alert is not None:
        alert.ruled_at = at
        record(Kind.RULES_FAILED, Subject.ALERT, alert_id, at=at, because=type(error).__name__)


def _facts(alert: Alert) -> AlertFacts:
    labels = {name: str(value) for name, value in alert.labels.items()}
    return AlertFacts(alert.id, alert.severity, alert.service_id, labels)


def _do(alert: Alert, rule: str, action: Action, *, at: datetime) -> None:
    match action.act:
        case Act.PROMOTE:
            promote(alert, by=None, at=at, rule=rule)
        case Act.OPEN_ROOM:
            incident = queries.incident_of(alert.id)
            if incident is not None and incident.is_open:
                war_room.open_rooms(incident, by=None, at=at, rule=rule)
        case Act.ASSIGN_TEAM | Act.NOTIFY:
            team = db.session.get(Team, action.team_id)
            if team is None:
                return  # gone since: the rule's other actions still hold
            if action.act is Act.ASSIGN_TEAM:
                _assign(alert, team, rule, at=at)
            else:
                _notify(alert, team, rule, at=at)
            record(
                Kind.RULE_ACTED, Subject.ALERT, alert.id, at=at, rule=rule, did=str(action.act), team=team.name
            )


def _assign(alert: Alert, team: Team, rule: str, *, at: datetime) -> None:
    """The team works the alert and is paged as its policy says; an incident that there is, it supports."""
    incident = queries.incident_of(alert.id)
    if incident is None:
        hand_to_team(alert, team, at=at)
    elif incident.is_open:
        assemble.ask_team(incident, team, by=None, at=at, rule=rule)


def _notify(alert: Alert, team: Team, rule: str, *, at: datetime) -> None:
    members = sa.select(User).join(Membership, Membership.user_id == User.id)
    people = list(
        db.session.scalars(members.where(Membership.team_id == team.id, User.is_active).order_by(User.id))
    )
    post(
        NoticeCategory.ALERTS, NoticeEvent.RULE_TELLS, to=people, by=None, title=alert.title,
        body=f"The rule {rule} tells you of it.", link=f"/alerts/{alert.number}", at=at,
    )  # fmt: skip


def _added(
    name: str, conditions: tuple[Condition, ...], needs_all: bool, actions: tuple[Action, ...], stops: bool,
    *, at: datetime,
) -> ResponseRule:  # fmt: skip
    last = db.session.scalar(sa.select(sa.func.max(ResponseRule.position))) or 0
    rule = ResponseRule(
        name=_name(name), position=last + 1, is_on=True, conditions=rules.to_json(conditions),
        needs_all=needs_all, actions=rules.to_json(actions), stops=stops, after_alert_id=_newest_alert(),
        created_at=at, updated_at=at,
    )  # fmt: skip
    db.session.add(rule)
    db.session.flush()
    return rule


def _read(row: ResponseRule) -> rules.Rule:
    return rules.Rule(
        row.id, row.name, rules.parse_conditions(row.conditions), row.needs_all,
        rules.parse_actions(row.actions), row.stops, row.after_alert_id,
    )  # fmt: skip


def _newest_alert() -> int:
    return db.session.scalar(sa.select(sa.func.max(Alert.id))) or 0


def _name(text: str) -> str:
    name = one_line(text, limit=100)
    if not name:
        raise InvalidField([("/name", "Give the rule a name.")])
    return name
