"""F-1: kill -9 of the engine at random moments. Nothing is lost, no state changes twice, no repair command."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask

from app import clock
from tests.fault.harness import Lane, check, count_alerts
from tests.support.push_service import PushService, Trickle
from tests.support.waiting import until

# bin/fault asks for the long lane
ALERTS, KILLS = (2000, 200) if os.environ.get("NIGHTBELL_FAULT_LANE") == "full" else (500, 25)
LEASE = 3.0  # seconds, instead of ten
SLOW = Trickle(every=0.03)  # an answer that takes longer than that

pytestmark = pytest.mark.fault


@pytest.fixture
def lane(app: APIFlask, tmp_path: Path, database_url: str) -> Iterator[Lane]:
    with PushService() as service, clock.fixed(clock.host):
        lane = Lane(tmp_path, database_url, service)
        yield lane
        lane.kill_engine()


def test_F1_kills_at_random_moments_lose_nothing_and_double_no_state(
    lane: Lane, record_property: Callable[[str, object], None]
) -> None:
    seed = random.SystemRandom().randrange(10_000)
    chance = random.Random(seed)
    for device in lane.devices.values():
        lane.service.behave(device.endpoint, *[SLOW] * 4)
    for kill in range(KILLS):
        lane.start_engine(lease=LEASE)
        for number in range(ALERTS // KILLS):
            alert_id = lane.fire(f"kill {kill}, alert {number}")
            if chance.random() < 0.4:
                lane.acknowledge(max(1, alert_id - chance.randrange(30)))
        # killed in the middle of work, however slow the machine: after some sends, or before the first
        seen, more = len(lane.service.posts), chance.randrange(25)
        until(lambda seen=seen, more=more: len(lane.service.posts) >= seen + more or lane.is_quiet(), within=60)
        lane.kill_engine()
    assert count_alerts() == ALERTS
    lane.start_engine(lease=LEASE)
    until(lane.is_quiet, within=180, every=0.25, what="every alert answered or at its last resort")
    verdict = check(lane)
    record_property("verdict", f"seed={seed} {verdict.line()}")
    assert verdict.holds, f"seed={seed} {verdict.line()}"


def test_F29_the_checker_sees_what_a_missing_lease_token_check_does(lane: Lane) -> None:
    """The mutant believes workers that come back after their lease: the same checker must go red."""
    for device in lane.devices.values():
        lane.service.behave(device.endpoint, *[SLOW] * 4)
    for number in range(12):
        lane.fire(f"alert {number}")
    lane.start_engine(lease=LEASE, without_token_check=True)
    until(lane.is_quiet, within=120, every=0.25)
    assert check(lane).double_changes > 0
