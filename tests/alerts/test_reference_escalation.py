"""The reference product's rules of escalation (L-ESC) that no other test names, and where ours is better by
intention: one run for each alert, and nobody is lost for want of a shift, of a policy or of a device.

L-ESC-06 to 09 stand in test_policies_in_full, L-ESC-02 in tests/web/api/test_escalation_policies.
"""

from typing import Any

import sqlalchemy as sa

from app.alerts import by_hand
from app.alerts.receive import receive
from app.database import db, transaction
from app.domain.alert import IncomingAlert
from app.domain.response_rule import Act, Action
from app.domain.words import AlertStatus, Severity
from app.engine import jobs
from app.incidents import response_rules
from app.oncall import policies, schedules
from app.oncall.models import EscalationPolicy
from app.paging.models import Page
from app.people.models import User
from tests.alerts.test_policies_in_full import minutes, named, policy_of
from tests.support.cast import make, make_integration, make_policy, make_service, make_user
from tests.support.oncall import layer_json
from tests.support.world import World

AT_NIGHT = {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "22:00", "end": "02:00"}


def schedule(world: World, name: str, *people: User, of_search: bool = False, **layer: Any) -> dict[str, str]:
    """A schedule on which these take turns, Payments' or Search's; as a target. It is 03:10."""
    team = world.cast.search if of_search else world.cast.payments
    layers = [layer_json("2026-01-05T09:00", [[person.id] for person in people], **layer)]
    with transaction():
        made = schedules.create(
            name=name, team_id=team.id, time_zone="Europe/London", layers=layers,
            by=db.session.merge(world.cast.mara), at=world.now,
        )  # fmt: skip
        return {"kind": "schedule", "id": str(made.id)}


def test_L_ESC_01_a_team_has_several_policies_and_severities_may_go_different_ways(world: World) -> None:
    with transaction():
        team = db.session.merge(world.cast.payments)
        policy = policies.create(
            name="Payments nights", team_id=team.id, steps=[{"targets": named(world.cast.ben)}],
            by=db.session.merge(world.cast.mara), at=world.now,
        )  # fmt: skip
        world.cast.integration = make_integration(make_service("ledger", team, policy))
    world.fire()
    policy_of(world, {"targets": named(world.cast.ada), "when": {"severities": ["critical"]}},
              {"targets": named(world.cast.mara), "when": {"severities": ["error"]}})  # fmt: skip
    with transaction():
        checkout = db.session.merge(world.cast.checkout)
        world.cast.integration = make_integration(checkout, kind="generic")
    world.fire(key="b", severity=Severity.ERROR)
    world.tick()
    assert sorted(world.paged()) == ["Ben", "Mara"], "of one moment"


def test_L_ESC_03_a_step_names_a_person_of_no_team_and_has_a_wait_of_its_own(world: World) -> None:
    policy_of(world, {"targets": named(world.cast.root), "wait_minutes": 2}, {"targets": named(world.cast.ada)})
    world.fire()
    world.tick()
    world.forward(minutes=2)
    assert minutes(world) == [(0, "Root"), (2, "Ada")]


def test_L_ESC_04_three_shifts_at_once_are_one_run_and_a_person_in_two_of_them_is_paged_once(
    world: World,
) -> None:
    cast = world.cast
    targets = [
        schedule(world, name, person) for name, person in (("A", cast.ada), ("B", cast.ben), ("C", cast.ada))
    ]
    policy_of(world, {"targets": targets}, {"targets": named(cast.mara)})
    world.fire()
    world.tick()
    assert world.paged() == ["Ada", "Ben"]
    world.forward(minutes=5)
    assert world.paged() == ["Ada", "Ben", "Mara"]
    assert {page.run for page in world.pages()} == {1}


def test_L_ESC_05_outside_the_hours_of_a_shift_the_next_step_is_asked_at_once(world: World) -> None:
    nights = schedule(world, "Nights", world.cast.ada, restrictions=[AT_NIGHT])
    policy_of(world, {"targets": [nights]}, {"targets": named(world.cast.ben)})
    world.fire()
    world.tick()
    assert minutes(world) == [(0, "Ben")]


def test_L_ESC_10_a_step_asks_whoever_another_team_has_on_call_on_all_its_schedules(world: World) -> None:
    theirs = [
        schedule(world, "Search primary", world.cast.dan, of_search=True),
        schedule(world, "Search second", world.cast.ben, of_search=True),
    ]
    policy_of(world, {"targets": theirs})
    world.fire()
    world.tick()
    assert world.paged() == ["Dan", "Ben"]


def test_L_ESC_11_without_a_policy_the_last_resort_is_asked_where_the_reference_asks_nobody(
    world: World,
) -> None:
    with transaction():
        db.session.merge(world.cast.checkout).escalation_policy_id = None
    world.fire()
    world.tick()
    assert minutes(world) == [(0, "Mara")]


def test_L_ESC_12_somebody_who_has_set_nothing_up_holds_nobody_up(world: World) -> None:
    with transaction():
        new = make_user("Newcomer")
    policy_of(world, {"targets": named(new)}, {"targets": named(world.cast.ben)})
    world.fire()
    world.tick()
    assert [(page.user.name, page.status) for page in world.pages()] == [
        ("Newcomer", "failed"),
        ("Ben", "queued"),
    ]


def give_to_search(world: World) -> None:
    """A rule gives every new alert to Search, whose policy asks Dan."""
    with transaction():
        search = db.session.merge(world.cast.search)
        make_policy(search, (5, [world.cast.dan]))
        response_rules.create(
            name="Search has it", conditions=(), needs_all=True, actions=(Action(Act.ASSIGN_TEAM, search.id),),
            stops=False, by=db.session.merge(world.cast.mara), at=world.now,
        )  # fmt: skip


def test_L_ESC_13_an_alert_that_a_rule_gives_to_another_team_asks_as_that_teams_policy_says(
    world: World,
) -> None:
    give_to_search(world)
    world.fire()
    world.tick()
    assert world.paged() == ["Ada"], "the engine was faster than the rule"
    jobs.run_response_rules()
    world.tick()
    assert world.paged() == ["Ada", "Dan"]
    assert (world.alert().team_id, world.alert().assigned_to_id) == (world.cast.search.id, None)
    world.acknowledge(world.cast.dan)
    assert world.alert().assigned_to_id == world.cast.dan.id
    world.fire(key="b")
    jobs.run_response_rules()
    world.tick()
    assert world.paged() == ["Ada", "Dan", "Dan"], "before the first step it is no second run"
    assert world.alert(2).run == 1
    world.forward(minutes=5)
    assert world.pages()[-1].reason[1] == "Policy Search critical: its step was tried once, nobody answered"


def test_L_ESC_13_who_has_an_alert_keeps_it_and_whoever_was_paged_by_hand_is_paged(world: World) -> None:
    give_to_search(world)
    world.fire()
    world.tick()
    world.acknowledge(world.cast.ada)
    with transaction():
        mara, ben = db.session.merge(world.cast.mara), db.session.merge(world.cast.ben)
        by_hand.page(ben, title="Look", key="k", by=mara, at=world.now)
    jobs.run_response_rules()
    world.tick()
    assert world.paged() == ["Ada", "Ben"]
    assert (world.alert().status, world.alert().acknowledged_by_id) == (
        AlertStatus.ACKNOWLEDGED,
        world.cast.ada.id,
    )
    assert world.alert().team_id == world.cast.search.id
    asked = sa.select(sa.func.count()).select_from(Page).where(Page.user_id == world.cast.dan.id)
    assert db.session.scalar(asked) == 0


def test_L_ESC_13_a_rule_that_gives_it_back_to_its_own_team_asks_as_its_service_says(world: World) -> None:
    """The team's first service has another policy, which asks Ada."""
    give_to_search(world)
    with transaction():
        payments = db.session.merge(world.cast.payments)
        response_rules.create(
            name="Ours", conditions=(), needs_all=True, actions=(Action(Act.ASSIGN_TEAM, payments.id),),
            stops=False, by=db.session.merge(world.cast.mara), at=world.now,
        )  # fmt: skip
        second = make_service("second", payments)
        steps = [{"wait_minutes": 5, "targets": named(world.cast.ben)}]
        second.escalation_policy = make(
            EscalationPolicy, name="second", team_id=payments.id, repeat=0, steps=steps, created_at=world.now,
            updated_at=world.now,
        )  # fmt: skip
        receive(IncomingAlert("k", "Slow"), make_integration(second), at=world.now)
    jobs.run_response_rules()
    world.tick()
    assert world.alert().team_id == world.cast.payments.id
    assert world.paged() == ["Ben"]
