"""What a response rule holds for, in what order rules act, and what is no rule."""

import pytest

from app.domain.invalid import InvalidField
from app.domain.response_rule import (
    Act,
    Action,
    AlertFacts,
    Condition,
    Field,
    Rule,
    parse_actions,
    parse_conditions,
    plan,
    to_json,
)
from app.domain.words import Severity

CRITICAL = Condition(Field.SEVERITY, ("critical",))
PRODUCTION = Condition(Field.LABEL, ("prod", "live"), "env")
CHECKOUT = Condition(Field.SERVICE, ("3",))
PROMOTE = Action(Act.PROMOTE)


def a_rule(
    *conditions: Condition, id: int = 1, needs_all: bool = True, stops: bool = False, after: int = 0
) -> Rule:
    return Rule(id, f"rule {id}", conditions, needs_all, (PROMOTE,), stops, after)


def an_alert(**changes: object) -> AlertFacts:
    facts: dict[str, object] = {
        "id": 9,
        "severity": Severity.CRITICAL,
        "service_id": 3,
        "labels": {"env": "prod"},
    }
    return AlertFacts(**(facts | changes))  # type: ignore[arg-type]


def test_L_RUL_01_all_conditions_must_hold_or_any() -> None:
    both = a_rule(CRITICAL, PRODUCTION)
    assert both.holds(an_alert())
    assert not both.holds(an_alert(labels={}))
    assert a_rule(CRITICAL, PRODUCTION, needs_all=False).holds(an_alert(labels={}))
    assert not a_rule(CHECKOUT, PRODUCTION, needs_all=False).holds(
        an_alert(labels={"env": "test"}, service_id=4)
    )
    assert a_rule().holds(an_alert())
    assert a_rule(needs_all=False).holds(an_alert())


def test_L_RUL_04_rules_act_in_order_until_one_stops_the_rest() -> None:
    first, second, third = a_rule(CRITICAL), a_rule(CHECKOUT, id=2, stops=True), a_rule(id=3)
    assert [rule.id for rule, _ in plan([first, second, third], an_alert())] == [1, 2]
    assert [rule.id for rule, _ in plan([first, second, third], an_alert(service_id=4))] == [1, 3]


def test_L_RUL_05_a_new_rule_leaves_the_alerts_alone_that_were_there_before() -> None:
    assert plan([a_rule(after=9)], an_alert()) == []
    assert plan([a_rule(after=8)], an_alert()) != []


def test_a_rule_is_read_from_json_and_back_with_promotion_first() -> None:
    conditions = [{"field": "label", "name": "env", "among": ["prod"]}]
    assert to_json(parse_conditions(conditions)) == conditions
    actions = parse_actions([{"act": "notify", "team_id": "4"}, {"act": "promote"}])
    assert actions == (PROMOTE, Action(Act.NOTIFY, 4))


def test_everything_wrong_is_named_with_its_place() -> None:
    wrong = [
        {"field": "colour", "among": ["red"]}, {"field": "severity", "among": ["bad"]},
        {"field": "label", "among": ["x"]}, {"field": "service", "among": []},
    ]  # fmt: skip
    with pytest.raises(InvalidField) as refused:
        parse_conditions(wrong)
    assert [pointer for pointer, _ in refused.value.errors] == [
        "/conditions/0/field", "/conditions/1/among", "/conditions/2/name", "/conditions/3/among",
    ]  # fmt: skip
    for actions in ([], [{"act": "explode"}], [{"act": "notify"}]):
        with pytest.raises(InvalidField):
            parse_actions(actions)
