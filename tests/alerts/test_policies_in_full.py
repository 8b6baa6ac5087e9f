"""What a policy can ask for besides one person after the other (features 119 to 124, L-ESC)."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import clock
from app.alerts import escalate, queries, readiness, resolve
from app.alerts.acknowledge import Acknowledged
from app.alerts.reassign import reassign
from app.database import db, transaction
from app.domain.words import AlertStatus, Severity
from app.engine import jobs
from app.oncall.models import EscalationPolicy, Override, Schedule
from app.paging.models import Page, PushSubscription
from app.people.models import User
from tests.support.cast import make, make_policy
from tests.support.waiting import until
from tests.support.world import World


def named(*people: User) -> list[dict[str, str]]:
    return [{"kind": "user", "id": str(person.id)} for person in people]


def policy_of(world: World, *steps: dict[str, Any], **columns: Any) -> None:
    with transaction():
        policy = db.session.merge(world.cast.policy)
        policy.steps = [{"wait_minutes": 5, "reminders": 0} | step for step in steps]
        for column, value in columns.items():
            setattr(policy, column, value)


def minutes(world: World) -> list[tuple[int, str]]:
    """When who was paged, in minutes since the first page."""
    pages = db.session.scalars(sa.select(Page).where(Page.kind == "page").order_by(Page.id)).all()
    begin = pages[0].created_at
    return [(int((page.created_at - begin).total_seconds() // 60), page.user.name) for page in pages]


def test_L_ESC_07_one_step_unanswered_pages_at_0_5_10_and_15_minutes(world: World) -> None:
    policy_of(world, {"targets": named(world.cast.ada), "reminders": 3})
    world.fire()
    world.tick()
    world.forward(minutes=20)
    assert minutes(world) == [(0, "Ada"), (5, "Ada"), (10, "Ada"), (15, "Ada"), (20, "Mara")]
    assert world.pages()[1].reason[2] == "Reminder 1: nobody has answered yet"


def test_L_ESC_08_an_acknowledgement_at_minute_six_ends_the_reminders(world: World) -> None:
    policy_of(world, {"targets": named(world.cast.ada), "reminders": 3})
    world.fire()
    world.tick()
    world.forward(minutes=6)
    world.acknowledge(world.cast.ada)
    world.forward(minutes=30)
    assert minutes(world) == [(0, "Ada"), (5, "Ada")]


def test_INV12_a_reminder_of_somebody_who_lost_their_device_goes_on_to_the_next_step(world: World) -> None:
    policy_of(world, {"targets": named(world.cast.ada), "wait_minutes": 8, "reminders": 3},
              {"targets": named(world.cast.ben)})  # fmt: skip
    world.fire()
    world.tick()
    with transaction():
        gone = sa.update(PushSubscription).where(PushSubscription.user_id == world.cast.ada.id)
        db.session.execute(gone.values(removed_at=clock.now()))
    world.forward(minutes=2)
    assert world.paged()[-1] == "Ben"


def test_120_a_step_may_stand_for_the_steps_of_another_policy(world: World) -> None:
    with transaction():
        other = make_policy(db.session.merge(world.cast.search), (3, [world.cast.dan]), (3, [world.cast.ben]))
        number = other.id
    policy_of(world, {"targets": named(world.cast.ada)}, {"targets": [{"kind": "policy", "id": str(number)}]})
    world.fire()
    world.tick()
    with transaction():
        db.session.get_one(EscalationPolicy, number).steps = []  # 123: the run has its steps already
    world.forward(minutes=11)
    assert minutes(world) == [(0, "Ada"), (5, "Dan"), (8, "Ben"), (11, "Mara")]


def test_121_round_robin_asks_one_and_each_alert_another(world: World) -> None:
    policy_of(world, {"targets": named(world.cast.ada, world.cast.ben), "round_robin": True, "reminders": 1,
                      "remind_every_minutes": 2})  # fmt: skip
    for key in ("a", "b", "c"):
        world.fire(key=key)
        world.tick()
    assert world.paged() == ["Ada", "Ben", "Ada"]
    world.forward(minutes=2)
    assert sorted(world.paged()[3:]) == ["Ada", "Ada", "Ben"], "a reminder goes to the one whose turn it was"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # on SQLite there is one engine
def test_121_two_engines_at_once_do_not_ask_the_same_one(app: Flask, world: World) -> None:
    policy_of(world, {"targets": named(world.cast.ada, world.cast.ben), "round_robin": True})
    first, second = world.fire(key="one").alert_id, world.fire(key="two").alert_id
    assert first is not None
    assert second is not None

    def other_engine() -> None:
        with app.app_context():
            with transaction():
                escalate.advance(second, at=world.now)
            db.session.remove()

    thread = threading.Thread(target=other_engine)
    with transaction():
        escalate.advance(first, at=world.now)
        thread.start()
        waits = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        until(lambda: db.session.scalar(waits) or not thread.is_alive())
    thread.join(timeout=20)
    assert sorted(world.paged()) == ["Ada", "Ben"]


def test_INV12_in_a_round_robin_one_who_cannot_be_reached_gives_way_to_the_next(world: World) -> None:
    policy_of(world, {"targets": named(world.cast.cleo, world.cast.ben), "round_robin": True})
    world.fire()
    world.tick()
    assert world.paged() == ["Cleo", "Ben"], "Cleo has no device"


def test_122_a_step_for_other_severities_is_passed_over_at_once(world: World) -> None:
    policy_of(world, {"targets": named(world.cast.ada), "when": {"severities": ["error"]}},
              {"targets": named(world.cast.ben)})  # fmt: skip
    world.fire(severity=Severity.CRITICAL)
    world.tick()
    assert world.paged() == ["Ben"]
    assert "nobody_reached" not in world.events()


def test_124_where_no_step_applies_the_last_resort_is_paged_at_once(world: World) -> None:
    policy_of(world, {"targets": named(world.cast.ada), "when": {"severities": ["error"]}})
    world.fire(severity=Severity.CRITICAL)
    world.tick()
    assert world.paged() == ["Mara"]


def test_INV12_what_goes_to_the_last_resort_in_one_batch_counts_up_on_the_icon(world: World) -> None:
    policy_of(world, {"targets": named(world.cast.ada), "when": {"severities": ["error"]}})
    for key in ("one", "two", "three"):
        world.fire(severity=Severity.CRITICAL, key=key)
    world.tick()
    assert world.paged() == ["Mara"] * 3
    assert sorted(page.badge for page in world.pages()) == [1, 2, 3]


def test_L_ESC_09_a_person_named_twice_in_a_step_is_paged_once(world: World) -> None:
    team = {"kind": "team", "id": str(world.cast.payments.id)}
    policy_of(world, {"targets": [*named(world.cast.ada), team]})
    world.fire()
    world.tick()
    assert world.paged().count("Ada") == 1


def test_76_several_must_acknowledge_and_who_has_is_asked_no_more(world: World) -> None:
    both = {"targets": named(world.cast.ada, world.cast.ben), "reminders": 1, "remind_every_minutes": 2}
    policy_of(world, both, answers=2)
    world.fire()
    world.tick()
    assert world.acknowledge(world.cast.ada) is Acknowledged.COUNTED
    assert world.acknowledge(world.cast.ada) is Acknowledged.ALREADY_YOURS
    assert world.alert().status is AlertStatus.TRIGGERED
    world.forward(minutes=2)
    assert world.paged() == ["Ada", "Ben", "Ben"]
    assert world.acknowledge(world.cast.ben) is Acknowledged.ACKNOWLEDGED
    world.forward(minutes=30)
    assert world.paged() == ["Ada", "Ben", "Ben"]
    assert world.events()[-2:] == ["paged", "acknowledged"]


def test_78_an_acknowledgement_that_is_not_followed_up_pages_its_holder_and_who_is_on_call(
    world: World,
) -> None:
    policy_of(world, {"targets": named(world.cast.ben)}, ask_again_minutes=30)
    world.fire()
    world.tick()
    world.acknowledge(world.cast.ada)
    assert world.alert().ask_again_at == clock.now() + timedelta(minutes=30)
    world.forward(minutes=29)
    assert world.paged() == ["Ben"]
    world.forward(minutes=1)
    assert world.paged() == ["Ben", "Ada", "Ben"]
    assert (world.alert().status, world.alert().run) == (AlertStatus.TRIGGERED, 2)
    assert "asked_again" in world.events()


def test_an_alert_that_is_over_is_not_asked_after(world: World) -> None:
    policy_of(world, {"targets": named(world.cast.ben)}, ask_again_minutes=5)
    world.fire()
    world.acknowledge(world.cast.ada)
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        resolve.resolve(alert, by=db.session.merge(world.cast.ada), at=clock.now())
    world.clock.advance(minutes=10)
    assert jobs.wake_snoozed() == 0


def test_30_next_on_call_is_whoever_follows_on_that_schedule(world: World) -> None:
    with transaction():
        schedule = make(Schedule, name="Nights", team_id=world.cast.payments.id, time_zone="UTC", layers=[],
                        created_at=clock.now(), updated_at=clock.now())  # fmt: skip
        for who, begins in ((world.cast.ada, -1), (world.cast.ben, 5)):
            make(Override, schedule_id=schedule.id, user_id=who.id, start=clock.now() + timedelta(hours=begins),
                 end=clock.now() + timedelta(hours=begins + 4), created_at=clock.now())  # fmt: skip
        number = str(schedule.id)
    policy_of(world, {"targets": [{"kind": "next_on_call", "id": number}]})
    world.fire()
    world.tick()
    assert world.paged() == ["Ben"]
    assert world.pages()[0].reason[2] == "Next on Nights"


def test_whether_a_service_is_ready_sees_through_a_policy_named_in_a_step(world: World) -> None:
    service = db.session.merge(world.cast.integration).service
    policy_of(world, {"targets": named(world.cast.ada)})
    direct = readiness.of([service], at=clock.now())
    with transaction():
        inner = make_policy(world.cast.search, (5, [world.cast.ada]))
    policy_of(world, {"targets": [{"kind": "policy", "id": str(inner.id)}]})
    assert readiness.of([service], at=clock.now()) == direct


def test_a_service_whose_policy_only_tells_a_room_is_not_said_to_lack_a_schedule(world: World) -> None:
    service = db.session.merge(world.cast.integration).service
    policy_of(world, {"targets": [{"kind": "channel", "id": "1"}]})
    (first, *_) = readiness.of([service], at=clock.now())[service.id]
    assert first.sentence.startswith("Nobody would be paged for checkout-api: its policy only tells a room.")


@pytest.mark.parametrize("kind", ["user", "schedule", "team", "next_on_call", "policy", "channel", "webhook"])
def test_INV12_R5_a_target_that_is_gone_when_its_step_comes_holds_up_nothing(world: World, kind: str) -> None:
    policy_of(world, {"targets": named(world.cast.ada)}, {"targets": named(world.cast.ben)}, repeat=1)
    world.fire()
    world.tick()
    with transaction():  # as a run would hold it whose schedule, team or room was removed meanwhile
        escalation = world.escalation()
        steps = [escalation.policy["steps"][0], {"wait_minutes": 5, "targets": [{"kind": kind, "id": "999"}]}]
        escalation.policy = escalation.policy | {"steps": steps}
    world.forward(minutes=5)
    assert minutes(world) == [(0, "Ada"), (5, "Ada")], "round 2 began at once"
    world.forward(minutes=5)
    assert world.paged()[-1] == "Mara"


def test_INV12_however_often_policies_name_each_other_somebody_is_paged(world: World) -> None:
    """Kept by an older version, or put there by hand: 20 times 20 times 20 steps."""
    with transaction():
        team = db.session.merge(world.cast.search)
        row, steps = {"team_id": team.id, "created_at": clock.now(), "updated_at": clock.now()}, [
            {"targets": named(world.cast.dan)}
        ] * 20  # fmt: skip
        for name in ("inner", "outer"):
            number = make(EscalationPolicy, name=name, steps=steps, **row).id
            steps = [{"targets": [{"kind": "policy", "id": str(number)}]}] * 20
    policy_of(world, *steps)
    world.fire()
    world.tick()
    assert world.paged() == ["Dan"]
    with transaction():
        reassign(queries.locked(1), to=world.cast.ben, by=world.cast.mara, at=clock.now())
    world.tick()
    assert world.paged() == ["Dan", "Ben"]
