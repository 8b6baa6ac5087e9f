"""F-1: kill -9 of an engine at random moments. Nothing is lost, no state changes twice, no repair command."""

import json
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fault.harness import Lane, check, count_alerts
from tests.support.lane import IS_FULL
from tests.support.push_service import Trickle
from tests.support.waiting import until

ALERTS, KILLS = (2000, 200) if IS_FULL else (500, 25)
FEWER = 2000 if IS_FULL else 100  # the check promises 500 on each database, and has two kinds on one
MOST_WAITING = 60  # before more come in: an engine killed all the time falls behind, and pages grow too old
LEASE = 2.0  # seconds, instead of ten
SLOW = Trickle(every=0.03)  # an answer that takes longer than that

pytestmark = pytest.mark.fault


def test_F1_kills_at_random_moments_lose_nothing_and_double_no_state(
    lane: Lane,
    chance: random.Random,
    progress: Callable[[str], None],
    record_property: Callable[[str, object], None],
) -> None:
    alerts = FEWER if lane.kind == "queue" else ALERTS
    for device in lane.devices.values():
        lane.service.behave(device.endpoint, *[SLOW] * 4)
    for kill in range(KILLS):
        lane.start_engines(lease=LEASE)
        until(lambda: lane.waiting() < MOST_WAITING, within=180)
        for number in range(alerts // KILLS):
            alert_id = lane.fire(f"kill {kill}, alert {number}")
            if chance.random() < 0.4:
                lane.acknowledge(max(1, alert_id - chance.randrange(30)))
        # killed in the middle of work, however slow the machine: after some sends, or before the first
        seen, more = len(lane.service.posts), chance.randrange(8)
        until(
            lambda seen=seen, more=more: len(lane.service.posts) >= seen + more or lane.is_quiet(), within=180
        )
        lane.kill(chance.choice(lane.engines))
        progress(f"{kill + 1} of {KILLS} kills")
    assert count_alerts() == alerts
    lane.start_engines(lease=LEASE)
    lane.settle(within=900 if IS_FULL else 300)
    verdict = check(lane)
    record_property("verdict", verdict.line())
    progress(verdict.line())
    _keep(lane.kind, alerts, verdict.line())
    assert verdict.holds, verdict.line()


def _keep(kind: str, alerts: int, line: str) -> None:
    """Add the outcome to the file that bin/fault names."""
    if out := os.environ.get("NIGHTBELL_FAULT_OUT"):
        with Path(out).open("a") as file:
            when = datetime.now(UTC).isoformat(timespec="seconds")
            file.write(json.dumps({"test": "F-1", "kind": kind, "at": when, "kills": KILLS, "alerts": alerts,
                                   "found": line}) + "\n")  # fmt: skip


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_F29_the_checker_sees_what_a_missing_lease_token_check_does(lane: Lane) -> None:
    """The mutant believes workers that come back after their lease: the same checker must go red."""
    for device in lane.devices.values():
        lane.service.behave(device.endpoint, *[SLOW] * 4)
    for number in range(12):
        lane.fire(f"alert {number}")
    lane.start_engines(lease=0.5, mutants=["token_check"])
    until(lane.is_quiet, within=120, every=0.1)
    assert check(lane).double_changes > 0
