import pytest
from apiflask import APIFlask

from tests.support.clock import TestClock
from tests.support.world import World


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    """Ada at step 1, Ben at step 2, five minutes apart; Mara manages."""
    return World(clock)
