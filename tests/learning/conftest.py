"""Incident 1 is over: Ada commanded it, its alert had paged her."""

import pytest
from apiflask import APIFlask

from app.database import db, transaction
from app.incidents import queries, status
from app.incidents.models import Incident
from app.learning import queries as learning
from app.learning.models import Postmortem
from app.learning.open import open_postmortem
from app.people.models import User
from tests.support.clock import TestClock
from tests.support.world import World


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    world = World(clock)
    world.fire()
    world.tick()
    world.promote(world.cast.ada)
    return world


@pytest.fixture
def over(world: World) -> World:
    world.clock.advance(minutes=58)
    with transaction():
        status.mitigate(incident(), by=who(world.cast.ada), at=world.now)
    world.clock.advance(minutes=6)
    with transaction():
        status.resolve(incident(), by=who(world.cast.ada), at=world.now, resolution="Rolled back")
    return world


@pytest.fixture
def opened(over: World) -> World:
    """Its postmortem, number 1, is a draft."""
    with transaction():
        open_postmortem(incident(), by=None, at=over.now)
    return over


def the() -> Postmortem:
    """Postmortem 1."""
    found = learning.locked(1)
    assert found is not None
    return found


def incident(number: int = 1) -> Incident:
    found = queries.locked(number)
    assert found is not None
    return found


def who(user: User) -> User:
    return db.session.merge(user)
