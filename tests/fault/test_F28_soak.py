"""F-28: an alert a second and a fault every two minutes, for half an hour. All promises hold, nothing grows."""

import json
import os
import random
import signal
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fault.harness import EngineProcess, Lane, check
from tests.support.lane import IS_FULL
from tests.support.push_service import Answer
from tests.support.waiting import until

LASTS, FAULT_EVERY = (1800.0, 120.0) if IS_FULL else (8.0, 2.0)  # seconds
ALERT_EVERY = 1.0 if IS_FULL else 0.25
WARM = 300.0  # seconds after which memory is compared
STAY_OPEN = 20
LEASE = 2.0

pytestmark = pytest.mark.fault


@dataclass
class Watched:
    """The engine that is never killed: what it holds, sampled."""

    engine: EngineProcess
    kib: list[tuple[float, int]] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def look(self, at: float) -> None:
        status = Path(f"/proc/{self.engine.pid}/status").read_text()
        self.kib.append((at, int(status.split("VmRSS:")[1].split()[0])))
        self.files.append(len(os.listdir(f"/proc/{self.engine.pid}/fd")))

    def growth(self) -> float:
        """How much larger the last fifth of the samples is than those after the warm-up, as a share."""
        warm = [kib for at, kib in self.kib if at >= WARM] or [kib for _, kib in self.kib]
        part = max(1, len(warm) // 5)
        return statistics.median(warm[-part:]) / statistics.median(warm[:part]) - 1


@pytest.mark.parametrize("kind", ["sqlite", "queue"] if IS_FULL else ["queue"], indirect=True)
def test_F28_a_long_time_with_faults_loses_nothing_and_grows_nothing(
    lane: Lane, chance: random.Random, progress: Callable[[str], None]
) -> None:
    lane.start_engines(lease=LEASE)
    watched, heal, faults = Watched(lane.engines[0]), _nothing, dict[str, int]()
    begun = time.monotonic()
    next_alert, next_fault, next_look = 0.0, FAULT_EVERY, 0.0
    open_alerts: list[int] = []
    while (now := time.monotonic() - begun) < LASTS:
        if now >= next_look:
            watched.look(now)
            next_look += max(LASTS / 120, 1.0)
            progress(f"{now:.0f} s, {faults}")
        if now >= next_fault:
            next_fault += FAULT_EVERY
            heal()
            name, heal = chance.choice(FAULTS[lane.kind])(lane)
            faults[name] = faults.get(name, 0) + 1
        if now >= next_fault - FAULT_EVERY * 0.9:
            heal()
            heal = _nothing
        open_alerts.append(lane.fire(f"alert at {now:.2f}"))
        if len(open_alerts) > STAY_OPEN:  # as many at the end as at the beginning: what grows then is ours
            lane.acknowledge(open_alerts.pop(chance.randrange(len(open_alerts))))
        next_alert += ALERT_EVERY
        until(lambda at=next_alert: time.monotonic() - begun >= at)
    heal()
    watched.look(LASTS)
    lane.settle(within=300)
    verdict = check(lane)
    grown, files = watched.growth(), watched.files
    _keep(lane.kind, verdict.line(), faults, watched)
    assert verdict.holds, verdict.line()
    if IS_FULL:
        assert grown < 0.05, f"the engine grew by {grown:.1%}"
        assert max(files[-5:]) <= max(files[: len(files) // 3]) + 5, "files are left open"


Heal = Callable[[], None]


def _nothing() -> None: ...


def _kill(lane: Lane) -> tuple[str, Heal]:
    lane.kill(lane.engines[1])
    lane.start_engines(lease=LEASE)
    return "engine killed", _nothing


def _freeze(lane: Lane) -> tuple[str, Heal]:
    """Past its lease, in the middle of whatever it does."""
    frozen = lane.engines[-1]
    frozen.send(signal.SIGSTOP)
    lane.in_hand += lane.held_by(frozen)
    begun = time.monotonic()
    until(lambda: time.monotonic() >= begun + LEASE * 1.5)
    frozen.send(signal.SIGCONT)
    return "engine frozen", _nothing


def _push_away(lane: Lane) -> tuple[str, Heal]:
    for device in lane.devices.values():
        lane.service.behave(device.endpoint, then=Answer(503))

    def heal() -> None:
        for device in lane.devices.values():
            lane.service.behave(device.endpoint)

    return "push service away", heal


def _cut_connections(lane: Lane) -> tuple[str, Heal]:
    lane.cut_connections()
    return "connections cut", _nothing


FAULTS: dict[str, tuple[Callable[[Lane], tuple[str, Heal]], ...]] = {
    "sqlite": (_freeze, _push_away),
    "queue": (_kill, _freeze, _push_away, _cut_connections),
}


def _keep(kind: str, line: str, faults: dict[str, int], watched: Watched) -> None:
    if out := os.environ.get("NIGHTBELL_FAULT_OUT"):
        facts: dict[str, object] = {
            "test": "F-28",
            "kind": kind,
            "lasted": LASTS,
            "faults": faults,
            "found": line,
        }
        facts["at"] = datetime.now(UTC).isoformat(timespec="seconds")
        facts["growth"] = round(watched.growth(), 4)
        facts["kib"] = [kib for _, kib in watched.kib][:: max(1, len(watched.kib) // 12)]
        facts["files"] = [watched.files[0], max(watched.files), watched.files[-1]]
        with Path(out).open("a") as file:
            file.write(json.dumps(facts) + "\n")
