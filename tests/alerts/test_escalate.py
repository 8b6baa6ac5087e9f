"""Whom an alert asks, step by step, until somebody has it or nobody is left."""

from datetime import timedelta

import sqlalchemy as sa
from apiflask import APIFlask

from app.alerts import escalate, queries
from app.alerts.escalate import escalate_now
from app.alerts.receive import receive
from app.database import db, transaction
from app.domain.alert import IncomingAlert
from app.domain.words import AlertStatus, EscalationState, PageStatus, Severity
from app.engine import jobs
from app.notices.models import Notice
from app.oncall import schedules
from app.oncall.models import EscalationPolicy, TimeOff
from app.paging.models import Delivery, PushSubscription
from app.people.models import User
from tests.support.cast import make, make_integration, make_service
from tests.support.clock import TestClock
from tests.support.oncall import layer_json
from tests.support.world import World


def without_a_device(*people: User) -> None:
    with transaction():
        for person in people:
            db.session.execute(db.delete(PushSubscription).where(PushSubscription.user_id == person.id))


def test_the_first_step_is_paged_at_once_and_the_second_at_its_time(world: World) -> None:
    world.fire()
    world.tick()
    assert world.paged() == ["Ada"]
    world.forward(minutes=4)
    assert world.paged() == ["Ada"]
    world.forward(minutes=1)
    assert world.paged() == ["Ada", "Ben"]


def test_a_page_says_what_is_wrong_since_when_and_to_whom_it_goes_next(world: World) -> None:
    world.fire("Checkout errors at 14 %")
    world.tick()
    page = world.pages()[0]
    assert page.title == "Checkout errors at 14 % · Critical"
    assert page.body == "checkout-api since 03:10 GMT. Goes to Ben at 03:15 GMT."
    assert page.reason[:2] == ["checkout-api is alerting by events_v2", "Policy Payments critical, step 1 of 2"]


def test_119_every_round_is_gone_through_before_the_last_resort(app: APIFlask, clock: TestClock) -> None:
    world = World(clock, repeat=1, last_resort=True)
    world.fire()
    world.tick()
    world.forward(minutes=20)
    assert world.paged() == ["Ada", "Ben", "Ada", "Ben", "Mara"]
    assert world.escalation().exhausted_at == world.now


def test_the_last_resort_is_paged_every_five_minutes_for_an_hour_and_then_the_timer_ends(world: World) -> None:
    world.fire()
    world.tick()
    world.forward(minutes=10)
    assert world.paged() == ["Ada", "Ben", "Mara"], "Mara manages the team"
    assert world.pages()[-1].reason == [
        "checkout-api is alerting by events_v2",
        "Policy Payments critical: all 2 steps were tried once, nobody answered",
        "The last resort: you manage Payments",
    ]
    assert "escalation_exhausted" in world.events()
    world.forward(minutes=55)
    assert world.paged().count("Mara") == 12
    world.forward(minutes=60)
    assert world.paged().count("Mara") == 12
    assert (world.escalation().state, world.escalation().next_due_at) == (EscalationState.DONE, None)
    assert world.alert().status is AlertStatus.TRIGGERED, "an alert nobody answered stays open"


def test_INV12_a_step_whose_people_have_no_device_is_passed_at_once(world: World) -> None:
    without_a_device(world.cast.ada)
    world.fire()
    world.tick()
    assert [(page.user.name, page.status) for page in world.pages()] == [
        ("Ada", PageStatus.FAILED),
        ("Ben", PageStatus.QUEUED),
    ]
    assert world.events() == ["triggered", "nobody_reached", "paged"]


def test_INV12_a_deactivated_person_is_not_paged_and_does_not_stop_the_policy(world: World) -> None:
    with transaction():
        db.session.merge(world.cast.ada).is_active = False
    world.fire()
    world.tick()
    assert world.paged() == ["Ben"]


def test_R5_a_service_without_a_policy_goes_to_the_last_resort_at_once(world: World) -> None:
    with transaction():
        db.session.merge(world.cast.checkout).escalation_policy_id = None
    world.fire()
    world.tick()
    assert world.paged() == ["Mara"]


def test_R5_the_administrators_are_paged_when_the_manager_cannot_be(world: World) -> None:
    without_a_device(world.cast.ada, world.cast.ben, world.cast.mara)
    world.fire()
    world.tick()
    assert world.paged()[-1] == "Root"


def test_R5_an_alert_that_meets_a_gap_is_made_goes_to_the_last_resort_and_the_schedules_managers_are_told(
    app: APIFlask, clock: TestClock
) -> None:
    world = World(clock)
    cast = world.cast
    with transaction():
        nights = [
            {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "22:00", "end": "02:00"}
        ]
        schedule = schedules.create(
            name="Payments nights", team_id=cast.payments.id, time_zone="Europe/London",
            by=cast.mara, at=world.now,
            layers=[layer_json("2026-01-05T09:00", [[cast.ada.id]], restrictions=nights)],
        )  # fmt: skip
        policy = db.session.scalars(db.select(EscalationPolicy)).one()
        policy.steps = [{"wait_minutes": 5, "targets": [{"kind": "schedule", "id": str(schedule.id)}]}]
    world.fire()
    world.fire("Another", key="second")
    world.tick()
    assert world.paged() == ["Mara", "Mara"]
    told = db.session.scalars(db.select(Notice).where(Notice.event == "gap_met")).all()
    assert [(notice.user_id, notice.title, notice.link) for notice in told] == [
        (cast.mara.id, "Payments nights: an alert came and nobody was on call", f"/schedules/{schedule.id}")
    ]
    assert told[0].body.startswith(
        "Checkout errors at 14 %, Thu 12 Nov, 03:10 GMT. Nobody is on call until Thu 12 Nov, 22:00 GMT;"
    )


def test_R5_hours_that_a_team_wants_silent_are_no_gap_to_tell_of(app: APIFlask, clock: TestClock) -> None:
    world = World(clock)
    cast = world.cast
    office = [{"weekdays": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "17:00"}]
    with transaction():
        schedule = schedules.create(
            name="Payments days", team_id=cast.payments.id, time_zone="Europe/London",
            by=cast.mara, at=world.now,
            layers=[layer_json("2026-01-05T09:00", [[cast.ada.id]], restrictions=office)],
            requirements={"hours": office},
        )  # fmt: skip
        policy = db.session.scalars(db.select(EscalationPolicy)).one()
        policy.steps = [{"wait_minutes": 5, "targets": [{"kind": "schedule", "id": str(schedule.id)}]}]
    world.fire()
    world.tick()
    assert world.paged() == ["Mara"]
    assert db.session.query(Notice).filter_by(event="gap_met").count() == 0


def test_R5_a_gap_that_cannot_be_told_of_holds_up_no_page(app: APIFlask, clock: TestClock) -> None:
    world = World(clock)
    cast = world.cast
    nights = [{"weekdays": ["mon", "tue", "wed", "thu", "fri"], "start": "22:00", "end": "02:00"}]
    with transaction():
        schedule = schedules.create(
            name="Payments nights", team_id=cast.payments.id, time_zone="Europe/London",
            by=cast.mara, at=world.now,
            layers=[layer_json("2026-01-05T09:00", [[cast.ada.id]], restrictions=nights)],
        )  # fmt: skip
        schedule.requirements = {"hours": "whenever"}  # as no form of ours would have it
        policy = db.session.scalars(db.select(EscalationPolicy)).one()
        policy.steps = [{"wait_minutes": 5, "targets": [{"kind": "schedule", "id": str(schedule.id)}]}]
    world.fire()
    world.tick()
    assert world.paged() == ["Mara"]


def test_R1_a_manager_on_time_off_is_not_the_last_resort_while_somebody_else_is_there(world: World) -> None:
    without_a_device(world.cast.ada, world.cast.ben)
    with transaction():
        make(
            TimeOff, user_id=world.cast.mara.id, start=world.now, end=world.now + timedelta(days=1), note="",
            created_at=world.now,
        )  # fmt: skip
    world.fire()
    world.tick()
    assert world.paged()[-1] == "Root"


def test_R5_whoever_is_on_time_off_is_paged_when_nobody_else_is_left(world: World) -> None:
    without_a_device(world.cast.ada, world.cast.ben, world.cast.root)
    with transaction():
        make(
            TimeOff, user_id=world.cast.mara.id, start=world.now, end=world.now + timedelta(days=1), note="",
            created_at=world.now,
        )  # fmt: skip
    world.fire()
    world.tick()
    assert world.paged()[-1] == "Mara"


def test_nobody_with_a_device_at_all_is_visible_and_does_not_spin(world: World) -> None:
    cast = world.cast
    without_a_device(cast.ada, cast.ben, cast.mara, cast.root)
    world.fire()
    world.tick()
    assert world.escalation().state is EscalationState.LAST_RESORT
    assert world.escalation().reminder == 1
    assert world.events().count("nobody_reached") == 3


def test_low_urgency_pages_once_and_does_not_escalate(world: World) -> None:
    world.fire(severity=Severity.WARNING)
    world.tick()
    world.forward(minutes=30)
    assert world.paged() == ["Ada"]
    assert world.escalation().state is EscalationState.DONE


def test_123_a_run_follows_the_policy_as_it_was_when_it_began(world: World) -> None:
    world.fire()
    world.tick()
    with transaction():
        policy = db.session.get(EscalationPolicy, world.cast.policy.id)
        assert policy is not None
        policy.steps = []
    world.forward(minutes=5)
    assert world.paged() == ["Ada", "Ben"]


def test_escalate_now_asks_the_next_at_once(world: World) -> None:
    world.fire()
    world.tick()
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        escalate_now(alert, by=db.session.merge(world.cast.ada), at=world.now)
    world.tick()
    assert world.paged() == ["Ada", "Ben"]


def test_escalating_an_acknowledged_alert_gives_it_up_and_goes_on_where_it_stood(world: World) -> None:
    world.fire()
    world.tick()
    world.acknowledge(world.cast.ada)
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        escalate_now(alert, by=db.session.merge(world.cast.ada), at=world.now)
    world.tick()
    assert world.paged() == ["Ada", "Ben"]
    assert world.alert().status is AlertStatus.TRIGGERED
    assert world.alert().run == 2


def test_57_INV12_when_every_page_of_a_step_has_failed_the_next_step_is_due_at_once(world: World) -> None:
    world.fire()
    world.tick()
    with transaction():
        db.session.execute(db.update(Delivery).values(state="failed", next_attempt_at=None))
        page = db.session.merge(world.pages()[0])
        page.status = PageStatus.FAILED
    world.clock.advance(seconds=2)
    world.tick()
    assert world.paged() == ["Ada", "Ben"]


def test_INV15_a_clock_that_jumps_forward_fires_one_step_not_all_rounds(
    app: APIFlask, clock: TestClock
) -> None:
    world = World(clock, repeat=3)
    world.fire()
    world.tick()
    clock.advance(hours=5)
    world.tick()
    assert world.paged() == ["Ada", "Ben"]


def test_INV4_a_step_that_another_engine_has_taken_meanwhile_is_not_taken_again(world: World) -> None:
    world.fire()
    world.tick()
    with transaction():
        escalate.advance(1, at=world.now)
    assert world.paged() == ["Ada"]


def test_SEC38_an_alert_of_another_service_does_not_wait_behind_a_storm(world: World) -> None:
    for number in range(jobs.BATCH * 2):
        world.fire(key=f"storm {number}")
    world.clock.advance(seconds=1)
    with transaction():
        quiet = make_service("quiet", db.session.merge(world.cast.payments))
        late = receive(IncomingAlert("late", "late"), make_integration(quiet), at=world.now).alert_id
    due = escalate.due(world.now, limit=3)
    assert due == [1, late, 2], "of each service one, and then of each the next"


def test_G12_a_batch_asks_who_is_on_call_and_how_to_reach_them_once(world: World) -> None:
    """What one page costs a storm: the questions of a batch do not grow with the alerts in it."""
    asked: list[str] = []
    for number in range(jobs.BATCH):
        world.fire(key=f"k{number}")
    note = lambda *words: asked.append(words[2])  # noqa: E731 - taken off again below
    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert jobs.take_due_steps() == jobs.BATCH
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    assert world.paged() == ["Ada"] * jobs.BATCH
    for once in ("FROM time_off", "FROM push_subscription", "FROM notification_rule", "FROM answer"):
        assert sum(once in said for said in asked) <= 2, once
    questions = [said for said in asked if not said.startswith("INSERT")]  # SQLite takes these row by row
    assert len(questions) <= 24, f"{len(questions)} for {jobs.BATCH} alerts"
