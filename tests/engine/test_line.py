"""The line of alerts whose step is due: an order that is kept for a moment, never believed (SEC-38, G12)."""

import sqlite3
from contextlib import closing
from datetime import datetime

import pytest
from apiflask import APIFlask

from app import clock as app_clock
from app.alerts import escalate
from app.database import is_any, transaction
from app.engine import jobs, line
from app.engine.senders import Senders
from app.paging.channels.registry import Channels
from tests.support.clock import TestClock
from tests.support.world import World


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    return World(clock)


@pytest.fixture
def storm(world: World) -> list[int | None]:
    """Nine alerts that are due."""
    alerts = [world.fire(key=f"k{number}").alert_id for number in range(9)]
    world.clock.advance(seconds=1)
    return alerts


@pytest.fixture
def queue(world: World) -> line.Line:
    """To put them in order takes a second."""

    def slow(at: datetime, *, limit: int) -> list[int]:
        world.clock.advance(seconds=1)
        return escalate.line(at, limit=limit)

    return line.Line(slow)


def step(queue: line.Line) -> list[int | None]:
    with transaction():
        due = queue.next(app_clock.now(), limit=3)
        escalate.advance_all(due, at=app_clock.now())
    return [*due]


def test_G12_an_order_that_was_dear_is_kept_for_the_next_batches(
    world: World, storm: list[int | None], queue: line.Line
) -> None:
    begun = world.now
    assert step(queue) + step(queue) + step(queue) == storm
    assert (world.now - begun).total_seconds() == 1, "asked once"
    assert step(queue) == []


def test_SEC38_an_order_is_asked_for_again_when_it_has_been_kept_long_enough(
    world: World, storm: list[int | None], queue: line.Line
) -> None:
    assert step(queue) == storm[:3]
    world.clock.advance(seconds=line.SHARE)
    begun = world.now
    assert step(queue) == storm[3:6]
    assert (world.now - begun).total_seconds() == 1, "asked again"


def test_INV9_what_somebody_else_has_taken_meanwhile_is_left_out_and_what_is_new_is_found(
    world: World, storm: list[int | None], queue: line.Line
) -> None:
    assert step(queue) == storm[:3]
    with transaction():
        escalate.advance_all([alert_id for alert_id in storm[3:] if alert_id], at=world.now)
    new = world.fire(key="new").alert_id
    world.clock.advance(seconds=1)
    assert step(queue) == [new], "all that was in line is stale, so it is asked for again"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_G12_an_engine_with_nothing_to_do_waits_for_no_writer(app: APIFlask, world: World) -> None:
    """It looks a hundred times a second while pages go out, and intake writes to the same file meanwhile."""
    senders = Senders(app, Channels.from_settings(app.config["settings"]), done=lambda: None)
    file = app.config["settings"].database_url.partition("sqlite:///")[2]
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert jobs.take_due_steps() == 0
        assert senders.take() == 0
    senders.close()


def test_a_glance_is_refused_inside_a_transaction_which_it_would_roll_back(world: World) -> None:
    with transaction(), pytest.raises(RuntimeError, match="roll it back"):
        is_any(escalate.all_due(world.now))
