"""F-27: what is broken by hand is found, keeps the heartbeat in, and is mended where that is safe."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.alerts import restored
from app.database import db, transaction
from app.domain.words import EscalationState
from app.engine import auditor, heartbeat, jobs
from app.paging import health
from app.paging.models import Page
from tests.support.clock import TestClock
from tests.support.world import World


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    return World(clock)


def by_hand(statement: str) -> None:
    with transaction() as session:
        session.execute(sa.text(statement))


def found(world: World) -> list[tuple[str, bool]]:
    return [(each.promise, each.mended) for each in auditor.audit(at=world.now)]


def test_F27_a_timer_that_was_deleted_is_found_and_the_alert_asks_again(world: World) -> None:
    world.fire()
    world.fire(key="other")
    world.tick()
    health.note_round(world.now)
    assert found(world) == []
    by_hand("DELETE FROM escalation WHERE alert_id = 1")
    by_hand("UPDATE escalation SET state = 'stopped', next_due_at = NULL WHERE alert_id = 2")
    assert found(world) == [("INV-2", True)]
    assert heartbeat.unwell(world.now, with_canary=False) == ["the auditor found 1 promises not kept"]
    world.tick()
    # Ada has the first step's page of alert 1 already, so that Ben is asked at once for both
    assert sorted(world.paged()) == ["Ada", "Ada", "Ben", "Ben"]
    assert found(world) == []


def test_F27_a_page_made_twice_is_found_and_cannot_be_mended(world: World) -> None:
    world.fire()
    world.tick()
    columns = [column.name for column in Page.__table__.columns if column.name not in ("id", "page_key")]
    listed = ", ".join(f'"{name}"' for name in columns)
    by_hand(f"INSERT INTO page (page_key, {listed}) SELECT 'copy', {listed} FROM page")
    assert found(world)[0] == ("INV-4", False)


def test_F27_an_aged_lease_and_a_forgotten_page_are_found(world: World) -> None:
    world.fire()
    world.tick()
    by_hand("UPDATE delivery SET lease_until = next_attempt_at, lease_token = 'gone'")
    world.clock.advance(seconds=90)
    assert found(world) == [("INV-5", False)]  # any engine claims it in its next round
    by_hand("UPDATE delivery SET next_attempt_at = NULL")
    assert found(world) == [("INV-5", True)]
    db.session.rollback()
    assert db.session.scalar(sa.text("SELECT count(*) FROM delivery WHERE next_attempt_at IS NOT NULL")) == 1


def test_F27_a_page_made_after_the_acknowledgement_is_found(world: World) -> None:
    world.fire()
    world.tick()
    world.clock.advance(seconds=5)
    world.acknowledge(world.cast.ada)
    assert found(world) == []
    with transaction():
        world.alert().acknowledged_at = world.now - timedelta(seconds=30)
    assert found(world) == [("INV-9", False)]


def test_INV26_what_is_held_by_intention_is_nothing_amiss(world: World) -> None:
    world.fire()
    world.clock.advance(minutes=20)
    with transaction():
        assert restored.hold_overdue(at=world.now) == 1
    assert world.escalation().state is EscalationState.HELD
    assert found(world) == []


def test_the_auditor_is_one_of_the_engines_jobs(world: World) -> None:
    world.fire()
    world.clock.advance(seconds=31)
    assert jobs.audit() == 1
    looked = health.audited()
    assert looked is not None
    assert [each["promise"] for each in looked.found] == ["INV-3"]
