"""Rules look at each new alert once, and each alert says which rule did what."""

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.response_rule import Act, Action, Condition, Field
from app.domain.timeline import Kind
from app.domain.words import AlertStatus, Severity
from app.engine import jobs
from app.incidents import access, response_rules
from app.incidents.models import Incident, ResponseRule
from app.notices.models import Notice
from app.people.rights import NotAllowed
from app.timeline.models import Event
from tests.support.clock import TestClock
from tests.support.world import World


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    """With the one rule that a new organisation begins with."""
    world = World(clock)
    with transaction():
        response_rules.plant_default(at=world.now)
        response_rules.plant_default(at=world.now)
    return world


def incidents() -> list[Incident]:
    return list(db.session.scalars(sa.select(Incident).order_by(Incident.id)))


def add(world: World, *actions: Action, conditions: tuple[Condition, ...] = (), stops: bool = False) -> None:
    with transaction():
        response_rules.create(
            name="Bring Search in", conditions=conditions, needs_all=True, actions=actions, stops=stops,
            by=world.cast.mara, at=world.now,
        )  # fmt: skip


def test_S26_L_RUL_03_a_critical_alert_becomes_an_incident_that_nobody_leads_yet(world: World) -> None:
    world.fire()
    world.fire("Lag", key="b", severity=Severity.WARNING)
    assert (jobs.run_response_rules(), jobs.run_response_rules()) == (2, 0)
    made = incidents()
    assert [(each.title, each.commander_id, each.declared_by_id) for each in made] == [
        ("Checkout errors at 14 %", None, None)
    ]
    assert world.alert(1).status is AlertStatus.TRIGGERED  # it pages as ever
    facts = db.session.scalars(sa.select(Event.data).where(Event.kind == Kind.PROMOTED)).one()
    assert facts["rule"] == response_rules.DEFAULT


def test_S26_S39_the_first_to_acknowledge_leads_and_a_storm_is_one_incident(world: World) -> None:
    for key in ("a", "b", "c"):
        world.fire(key, key=key)
    jobs.run_response_rules()
    world.acknowledge(world.cast.ben, 2)
    world.acknowledge(world.cast.ada, 1)
    assert jobs.lead_by_acknowledgement() == 1
    assert [(each.commander_id, len(each.alerts)) for each in incidents()] == [(world.cast.ben.id, 3)]


def test_L_RUL_05_a_rule_runs_once_and_leaves_what_was_there_before_alone(world: World) -> None:
    world.fire()
    with transaction():
        rule = response_rules.in_order()[0]
        response_rules.switch(rule, is_on=False, by=world.cast.mara, at=world.now)
    assert jobs.run_response_rules() == 0
    with transaction():
        rule = db.session.get_one(ResponseRule, rule.id)
        response_rules.switch(rule, is_on=True, by=world.cast.mara, at=world.now)
    assert jobs.run_response_rules() == 0
    world.fire(key="b")
    jobs.run_response_rules()
    assert [alert.id for each in incidents() for alert in each.alerts] == [2]


def test_L_RUL_01_a_rule_brings_a_team_in_and_tells_it(world: World) -> None:
    search = world.cast.search
    add(world, Action(Act.ASSIGN_TEAM, search.id), Action(Act.NOTIFY, search.id))
    world.fire()
    jobs.run_response_rules()
    assert access.may_work(world.cast.dan, incidents()[0])
    told = sa.select(Notice.title).where(Notice.user_id == world.cast.dan.id, Notice.event == "rule_tells")
    assert db.session.scalars(told).all() == ["Checkout errors at 14 %"]
    did = db.session.scalars(sa.select(Event.data).where(Event.kind == Kind.RULE_ACTED).order_by(Event.id))
    assert [(each["rule"], each["did"]) for each in did] == [
        ("Bring Search in", "assign_team"), ("Bring Search in", "notify"),
    ]  # fmt: skip


def test_L_RUL_01_without_an_incident_the_team_gets_the_alert(world: World) -> None:
    add(
        world, Action(Act.ASSIGN_TEAM, world.cast.search.id), conditions=(Condition(Field.SEVERITY, ("info",)),)
    )
    world.fire(severity=Severity.INFO)
    jobs.run_response_rules()
    assert access.may_respond(world.cast.dan, world.alert())


def test_a_rule_that_fails_holds_up_no_other_alert_and_the_timeline_says_so(world: World) -> None:
    for key in ("a", "b"):
        world.fire(key, key=key)
    with transaction():
        rule = response_rules.in_order()[0]
        rule.conditions = [{"field": "unheard of"}]
    assert jobs.run_response_rules() == 2
    assert "rules_failed" in world.events(1)
    assert jobs.run_response_rules() == 0


def test_L_RUL_02_whoever_is_neither_manager_nor_administrator_keeps_no_rule(world: World) -> None:
    with transaction():
        rule = response_rules.in_order()[0]
        with pytest.raises(NotAllowed):
            response_rules.remove(rule, by=world.cast.ada, at=world.now)
        response_rules.move(rule, 5, by=world.cast.mara, at=world.now)
        assert rule.position == 1
