"""An alert that the engine fails on waits ever longer, holds up no other, and is not left alone (INV-20)."""

import pytest
import sqlalchemy as sa

from app.alerts import set_aside
from app.alerts.acknowledge import Acknowledged
from app.database import db, transaction
from app.domain.words import PageKind
from app.engine import jobs
from tests.support.cast import make_device
from tests.support.world import World


def test_INV20_a_row_that_raises_is_set_aside_and_the_others_go_on(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.fire(key="poison")
    world.fire(key="well")
    with transaction():
        broken = world.escalation(1)
        broken.policy = {"name": "broken", "steps": "not a list of steps", "repeat": 0}
    jobs.take_due_steps()
    assert world.paged() == ["Ada"], "the other alert's page went out in the same round"
    for _ in range(3):
        world.clock.advance(minutes=5)
        jobs.take_due_steps()
    assert world.events(1).count("set_aside") == 1
    world.tick()
    asked = [page for page in world.pages() if page.subject_id == 1]
    assert [(page.user.name, page.kind) for page in asked] == [
        ("Root", PageKind.NOTICE), ("Mara", PageKind.PAGE),
    ]  # fmt: skip
    assert asked[0].title == "Nightbell failed on an alert"
    assert asked[1].reason[1] == "Its policy could not be followed: the engine failed on it three times"
    assert world.acknowledge(world.cast.mara, 1) is Acknowledged.ACKNOWLEDGED


def test_INV20_a_last_resort_that_cannot_be_paged_either_waits_ever_longer(world: World) -> None:
    world.fire()
    waits = []
    for _ in range(5):
        with transaction():
            is_given_up = set_aside.postpone(1, ValueError("whatever"), at=world.now)
        if is_given_up:
            with transaction():
                set_aside.pass_over(1, at=world.now)
        due = world.escalation().next_due_at
        assert due is not None
        waits.append((due - world.now).total_seconds())
    assert waits == [2, 4, 0, 16, 32], "asked at once when its policy is passed over, once"
    assert world.events().count("set_aside") == 1


def test_INV20_what_the_database_refuses_waits_and_its_policy_is_followed_later(world: World) -> None:
    world.fire()
    error = sa.exc.OperationalError("select", {}, Exception("canceling statement due to lock timeout"))
    for _ in range(5):
        with transaction():
            assert set_aside.postpone(1, error, at=world.now) is False
        world.clock.advance(minutes=6)
    world.tick()
    assert (world.paged(), world.events().count("set_aside")) == (["Ada"], 1)
    assert world.escalation().failures == 0, "a step that was taken ends the row of failures"


def test_INV20_what_the_database_will_always_refuse_is_given_up(world: World) -> None:
    world.fire()
    error = sa.exc.IntegrityError("insert", {}, Exception("violates a constraint"))
    given_up = []
    for _ in range(3):
        with transaction():
            given_up.append(set_aside.postpone(1, error, at=world.now))
    assert given_up == [False, False, True]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_INV20_where_administrators_cannot_be_told_the_last_resort_is_due_and_others_go_on(
    world: World,
) -> None:
    """Their device's row cannot be read: SQLite keeps what is no moment, PostgreSQL would not."""
    world.fire(key="poison")
    for number in range(3):
        world.fire(key=f"well {number}")
    with transaction():
        make_device(world.cast.root, "https://fcm.googleapis.com/fcm/send/root")
        world.escalation(1).policy = {"name": "broken", "steps": "not a list of steps", "repeat": 0}
    with transaction():
        db.session.execute(
            sa.text("UPDATE push_subscription SET created_at = 'never' WHERE user_id = :root"),
            {"root": world.cast.root.id},
        )
    for _ in range(3):
        world.clock.advance(minutes=5)
        jobs.take_due_steps()
    world.tick()
    asked = [(page.subject_id, page.user.name) for page in world.pages() if page.kind is PageKind.PAGE]
    assert (1, "Mara") in asked, "the last resort"
    assert {(2, "Ada"), (3, "Ada"), (4, "Ada")} <= set(asked)
