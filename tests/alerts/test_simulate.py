"""Who would be paged, when and how (feature 125): what is told is what the engine then does."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app import clock
from app.alerts.run_policy import snapshot
from app.alerts.simulate import Story, simulate
from app.database import db, transaction
from app.domain.words import Severity, Urgency
from app.paging.models import Page
from tests.alerts.test_policies_in_full import named, policy_of
from tests.support.world import World


def told(world: World, severity: Severity = Severity.CRITICAL, urgency: Urgency = Urgency.HIGH) -> Story:
    policy = db.session.merge(world.cast.policy)
    return simulate(snapshot(policy), world.cast.payments.id, urgency, severity, at=clock.now())


def test_125_what_is_told_is_what_the_engine_does(world: World) -> None:
    only_errors: dict[str, Any] = {"severities": ["error"]}
    policy_of(
        world,
        {"targets": named(world.cast.dan), "when": only_errors},
        {"targets": named(world.cast.cleo)},  # who has no device
        {"targets": named(world.cast.ada, world.cast.ben), "wait_minutes": 4, "reminders": 1},
        {"targets": named(world.cast.ben), "round_robin": True},
        repeat=1,
    )
    story = told(world)
    expected = [
        (one.user.name, at)
        for turn in story.turns
        for at in (turn.at, *turn.reminders)
        for one in turn.people
        if one.ways
    ] + [(one.user.name, story.last_resort_at) for one in story.last_resort or ()]
    assert [turn.why_not for turn in story.turns[:3]] == [
        "This step is only error", "Nobody of them has a way that works", None,
    ]  # fmt: skip
    world.fire()
    world.tick()
    world.forward(minutes=19)
    pages = db.session.scalars(sa.select(Page).where(Page.status != "failed").order_by(Page.id)).all()
    happened: list[tuple[str, datetime | None]] = [(page.user.name, page.created_at) for page in pages]
    assert happened == expected


def test_125_low_urgency_is_told_once_and_held_for_quiet_hours(world: World) -> None:
    with transaction():
        db.session.merge(world.cast.ada).quiet_hours = {"from": "22:00", "until": "07:00"}
    story = told(world, Severity.WARNING, Urgency.LOW)
    assert (len(story.turns), story.last_resort) == (1, None)
    (ada,) = story.turns[0].people
    assert ada.held_until == ada.ways[0].at == clock.now() + timedelta(minutes=230)


def test_125_a_policy_that_reaches_nobody_is_told_to_come_to_the_last_resort_at_once(world: World) -> None:
    policy_of(world, {"targets": named(world.cast.cleo)})
    story = told(world)
    assert story.last_resort_at == clock.now()
    assert [one.user.name for one in story.last_resort or ()] == ["Mara"]
