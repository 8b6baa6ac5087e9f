"""F-13: a key that is triggered and resolved every two seconds pages as often as its policy allows, no more."""

import pytest
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.alert import Said
from app.domain.flapping import USUAL_LIMIT
from app.domain.words import AlertStatus
from app.oncall.models import EscalationPolicy
from tests.support.clock import TestClock
from tests.support.lane import IS_FULL
from tests.support.world import World

ROUNDS, MINUTES = (3, 10) if IS_FULL else (1, 1)

pytestmark = [pytest.mark.fault, pytest.mark.parametrize("kind", ["sqlite", "queue"], indirect=True)]


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    return World(clock)


def flap(world: World, seconds: int, key: str = "k") -> None:
    for second in range(0, seconds, 2):
        world.fire(key=key, status=Said.RESOLVED if second % 4 else Said.FIRING)
        world.tick()
        world.forward(seconds=2)


def test_F13_a_key_that_comes_and_goes_pages_up_to_its_limit_and_then_once_it_stays(world: World) -> None:
    for number in range(ROUNDS):
        before, key = len(world.paged()), f"round {number}"
        flap(world, MINUTES * 60 - 4, key)
        assert len(world.paged()) - before == USUAL_LIMIT
        stays = world.fire(key=key).alert_id
        world.tick()
        world.forward(seconds=119)
        assert len(world.paged()) - before == USUAL_LIMIT
        assert stays is not None
        assert "flaps" in world.events(stays)
        world.forward(seconds=1)
        assert len(world.paged()) - before == USUAL_LIMIT + 1
        assert world.alert(stays).status is AlertStatus.TRIGGERED
        world.fire(key=key, status=Said.RESOLVED)
        assert world.alert(stays).status is AlertStatus.RESOLVED


def test_F13_one_that_is_over_before_it_stays_pages_nobody(world: World) -> None:
    flap(world, 60)
    assert len(world.paged()) == USUAL_LIMIT
    world.forward(minutes=20)
    assert len(world.paged()) == USUAL_LIMIT
    assert world.fire().outcome == "opened"  # long ago: it pages at once again
    world.tick()
    assert len(world.paged()) == USUAL_LIMIT + 1


def test_F13_another_key_of_the_service_is_paged_meanwhile(world: World) -> None:
    flap(world, 60)
    world.fire(key="another")
    world.tick()
    assert len(world.paged()) == USUAL_LIMIT + 1


def test_F13_a_policy_without_a_limit_pages_each_time(world: World) -> None:
    with transaction():
        db.session.execute(db.update(EscalationPolicy).values(flap_limit=None))
    flap(world, 40)
    assert len(world.paged()) == 10
