"""/api/v1/response-rules: what happens by itself to a new alert that is so."""

import sqlalchemy as sa

from app import clock
from app.alerts.models import Alert
from app.database import db, transaction
from app.domain import response_rule as domain
from app.domain.response_rule import Action, Condition
from app.incidents import access
from app.incidents import response_rules as verbs
from app.incidents.models import ResponseRule
from app.people.models import Team
from app.people.rights import Act
from app.web.api.auth import me, need
from app.web.api.find import found, named
from app.web.api.listing import each, listing
from app.web.api.noun import noun
from app.web.api.shapes import response_rules as shapes
from app.web.api.shapes.common import Listing, ListQuery

response_rules = noun(
    "response-rules", "What happens by itself to a new alert; each is looked at once, in order."
)


@response_rules.get("")
@response_rules.input(ListQuery, location="query", arg_name="query")
@response_rules.output(Listing[shapes.Rule])
def list_response_rules(query: ListQuery) -> Listing[shapes.Rule]:
    """List response rules in the order in which they look at an alert."""
    need(Act.SEE_OPERATIONS)
    return listing(sa.select(ResponseRule), query, each(_shown), by=[ResponseRule.position, ResponseRule.id])


@response_rules.get("/trial")
@response_rules.input(shapes.TrialQuery, location="query", arg_name="query")
@response_rules.output(shapes.Trial)
def try_response_rules(query: shapes.TrialQuery) -> shapes.Trial:
    """A dry run: what the rules that are on would do, in order, to an alert like this one. Nothing is done."""
    need(Act.SEE_OPERATIONS)
    alert = found(Alert, query.alert_id, "alert", among=access.alerts_seen_by(me()))
    steps = [
        shapes.Step(
            rule_id=str(rule.id), rule=rule.name, act=action.act,
            team_id=None if action.team_id is None else str(action.team_id),
        )
        for rule, action in verbs.would_do(alert)
    ]  # fmt: skip
    return shapes.Trial(steps=steps)


@response_rules.post("")
@response_rules.input(shapes.RuleDraft, arg_name="draft")
@response_rules.output(shapes.Rule, 201)
def create_response_rule(draft: shapes.RuleDraft) -> shapes.Rule:
    """Make a rule at the end of the order, on, for alerts from now on."""
    with transaction():
        need(Act.EDIT_SERVICES)
        conditions, actions = _read(draft)
        return _shown(
            verbs.create(
                name=draft.name, conditions=conditions, needs_all=draft.needs_all, actions=actions,
                stops=draft.stops, by=me(), at=clock.now(),
            )
        )  # fmt: skip


@response_rules.put("/<id>")
@response_rules.input(shapes.RuleDraft, arg_name="draft")
@response_rules.output(shapes.Rule)
def replace_response_rule(id: str, draft: shapes.RuleDraft) -> shapes.Rule:
    """Let a rule say something else. Alerts it has looked at are not looked at again."""
    with transaction():
        need(Act.EDIT_SERVICES)
        rule = found(ResponseRule, id, "response rule")
        conditions, actions = _read(draft)
        verbs.change(
            rule, name=draft.name, conditions=conditions, needs_all=draft.needs_all, actions=actions,
            stops=draft.stops, by=me(), at=clock.now(),
        )  # fmt: skip
        return _shown(rule)


@response_rules.patch("/<id>")
@response_rules.input(shapes.RuleChanges, arg_name="changes")
@response_rules.output(shapes.Rule)
def change_response_rule(id: str, changes: shapes.RuleChanges) -> shapes.Rule:
    """Switch a rule on or off, or move it to another place in the order."""
    given = changes.given()
    with transaction():
        need(Act.EDIT_SERVICES)
        rule = found(ResponseRule, id, "response rule")
        if "is_on" in given:
            verbs.switch(rule, is_on=changes.is_on, by=me(), at=clock.now())
        if "position" in given:
            verbs.move(rule, changes.position, by=me(), at=clock.now())
        return _shown(rule)


@response_rules.delete("/<id>")
@response_rules.output({}, 204)
def delete_response_rule(id: str) -> tuple[str, int]:
    """Remove a rule. What it did stays in the timelines."""
    with transaction():
        need(Act.EDIT_SERVICES)
        verbs.remove(found(ResponseRule, id, "response rule"), by=me(), at=clock.now())
        return "", 204


def _read(draft: shapes.RuleDraft) -> tuple[tuple[Condition, ...], tuple[Action, ...]]:
    for at, action in enumerate(draft.actions):
        if action.team_id is not None:
            named(Team, action.team_id, "team", f"#/actions/{at}/team_id")
    body = draft.model_dump(mode="json")
    return domain.parse_conditions(body["conditions"]), domain.parse_actions(body["actions"])


def _shown(row: ResponseRule) -> shapes.Rule:
    db.session.flush()
    return shapes.Rule(
        id=str(row.id), name=row.name, position=row.position, is_on=row.is_on, needs_all=row.needs_all,
        stops=row.stops, created_at=row.created_at, updated_at=row.updated_at,
        conditions=[shapes.ShownCondition(**condition) for condition in row.conditions],
        actions=[shapes.ShownAction(act=a["act"], team_id=a.get("team_id")) for a in row.actions],
    )  # fmt: skip
