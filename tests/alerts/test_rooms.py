"""A step that tells a room or a program (feature 120): once a round, and one that is gone holds nobody up."""

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.alerts.run_policy import snapshot
from app.alerts.simulate import simulate
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.words import ChannelKind, DeliveryState, Severity, Urgency
from app.engine import jobs
from app.oncall import policies
from app.oncall.asks_person import longest_wait
from app.paging.destinations.models import Destination, Post
from app.paging.models import PushSubscription
from tests.alerts.test_policies_in_full import minutes, named, policy_of
from tests.support.cast import make
from tests.support.world import World


def room(world: World, kind: ChannelKind = ChannelKind.SLACK, **columns: Any) -> dict[str, str]:
    with transaction():
        row = make(
            Destination, kind=kind, name="#checkout", address="sealed", host="x", events=[],
            created_at=world.now, **columns,
        )  # fmt: skip
        word = "webhook" if kind is ChannelKind.SIGNED_WEBHOOK else "channel"
        return {"kind": word, "id": str(row.id)}


def posts() -> list[Post]:
    rows = sa.select(Post).order_by(Post.id).execution_options(populate_existing=True)
    return list(db.session.scalars(rows))


def test_120_a_room_is_told_once_a_round_and_its_step_waits(world: World) -> None:
    there = room(world)
    policy_of(
        world, {"targets": [there], "wait_minutes": 3, "reminders": 2}, {"targets": named(world.cast.ben)},
        repeat=1,
    )  # fmt: skip
    world.fire()
    world.tick()
    assert [post.event for post in posts()] == ["page"]
    assert posts()[0].title == "Checkout errors at 14 % · Critical"
    world.forward(minutes=12)
    assert minutes(world) == [(0, "Ben"), (8, "Ben")]
    assert len(posts()) == 2
    assert longest_wait(world.cast.ben.id) == timedelta(minutes=5)


def test_120_beside_people_a_program_is_told_what_the_alert_is(world: World) -> None:
    policy_of(
        world, {"targets": [*named(world.cast.ada), room(world, ChannelKind.SIGNED_WEBHOOK)], "reminders": 2}
    )  # fmt: skip
    world.fire()
    world.tick()
    world.forward(minutes=11)
    assert world.paged() == ["Ada"] * 3
    (post,) = posts()
    assert post.data["alert"]["title"] == "Checkout errors at 14 %"


def test_INV12_a_room_that_takes_nothing_holds_up_nobody(world: World) -> None:
    there = room(world)
    policy_of(world, {"targets": [there], "wait_minutes": 60}, {"targets": named(world.cast.ben)})
    world.fire()
    world.tick()
    assert world.paged() == []
    with transaction():
        posts()[0].state = DeliveryState.FAILED
    world.forward(minutes=1)
    assert world.paged() == ["Ben"]
    with transaction():
        db.session.get_one(Destination, int(there["id"])).removed_at = world.now
    world.fire(key="other")
    world.tick()
    assert (world.paged(), len(posts())) == (["Ben", "Ben"], 1)


def test_INV12_a_room_that_was_told_is_no_answer_of_people_who_have_no_device(world: World) -> None:
    with transaction():
        db.session.execute(sa.delete(PushSubscription).where(PushSubscription.user_id == world.cast.ada.id))
    asked = [*named(world.cast.ada), room(world)]
    policy_of(world, {"targets": asked, "wait_minutes": 60}, {"targets": named(world.cast.ben)})
    world.fire()
    world.tick()
    assert len(posts()) == 1
    assert world.paged() == ["Ada", "Ben"], "Ben at once: nothing could ring for Ada"


def test_125_the_simulation_names_the_room(world: World) -> None:
    policy_of(world, {"targets": [room(world)]}, {"targets": named(world.cast.ben)})
    policy = db.session.merge(world.cast.policy)
    story = simulate(
        snapshot(policy), world.cast.payments.id, Urgency.HIGH, Severity.ERROR, at=world.now
    )  # fmt: skip
    assert [(turn.rooms, turn.at - world.now) for turn in story.turns] == [
        (("#checkout",), timedelta(0)), ((), timedelta(minutes=5)),
    ]  # fmt: skip
    assert jobs.take_due_steps() == 0


def test_120_another_teams_room_and_a_program_called_a_channel_are_refused(world: World) -> None:
    search = world.cast.search
    theirs, mine = room(world, team_id=search.id), room(world, team_id=world.cast.payments.id)
    wrong = mine | {"kind": "webhook"}
    for target, fits in ((mine, True), (theirs, False), (wrong, False)):
        with transaction(), nullcontext() if fits else pytest.raises(InvalidField, match="targets/0/id"):
            policies.create(
                name=f"Policy of {fits}", team_id=world.cast.payments.id, steps=[{"targets": [target]}],
                by=db.session.merge(world.cast.mara), at=world.now,
            )  # fmt: skip
