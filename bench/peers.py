"""Taking alerts in, acknowledging and listing them beside alerta-server, alternated in one run (G1 to G8).

The engine stands still while intake, acknowledgements and lists are measured, as Alerta has nothing that pages;
what it has to do beside intake is measured with G8 to G10. Ratios are the median of those of the rounds.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from uuid import uuid4

from bench import closed_loop, rival
from bench.closed_loop import get, post
from bench.engine import hold_still
from bench.load import CONNECTIONS, Load, event
from bench.measures import Figures, drain
from bench.rival import Rival
from bench.running import Installation, Process, postgresql, postmaster
from bench.scene import Scene
from bench.stock import Doors, doors, forget_due, stock

KEYS = 1000  # of duplicates
BATCH = 10  # alerts in one POST of Alertmanager's
PACE = 100  # alerts a second
FEW = 1000


@dataclass(frozen=True)
class Bench:
    """Ours and theirs, each with the processes whose time it costs."""

    url: str
    scene: Scene
    doors: Doors
    rival: Rival
    ours: tuple[Process, ...]
    theirs: tuple[Process, ...]
    seconds: float
    rounds: int

    def pair(self, ours: Callable[[], Load], theirs: Callable[[], Load]) -> Figures:
        """Both in turn, as often as there are rounds; medians, and the ratio of each round."""
        rounds = [(_costed(theirs, self.theirs), _costed(ours, self.ours)) for _ in range(self.rounds)]
        ratios = [b["per_second"] / a["per_second"] for a, b in rounds]
        return {
            "ours": _middle([b for _, b in rounds]), "theirs": _middle([a for a, _ in rounds]),
            "ratio": median(ratios), "ratio_from": min(ratios), "ratio_to": max(ratios),
        }  # fmt: skip

    def run(self, url: str, request: closed_loop.Request, connections: int, **at_most: int) -> Load:
        return closed_loop.full_speed(
            url, request, connections=connections, seconds=self.seconds, at_most=at_most.get("at_most")
        )


def compare(
    installation: Installation, scene: Scene, database_url: str, *, seconds: float, rounds: int, many: int
) -> Figures:
    """G1 to G8 on this installation. `many` alerts are open for the acknowledgements and the lists."""
    try:
        if scene.settings.on_sqlite:
            with postgresql() as server:
                return _beside(installation, scene, server, seconds, rounds, many)
        return _beside(installation, scene, database_url, seconds, rounds, many)
    except rival.NotToBeHad as why:
        return {"why": str(why)}


def _beside(
    installation: Installation, scene: Scene, server: str, seconds: float, rounds: int, many: int
) -> Figures:
    drain(scene)
    ours, database = (installation.web,), postmaster(server)
    with rival.at_work(server) as theirs:
        bench = Bench(
            installation.url, scene, doors(scene), theirs,
            ours if scene.settings.on_sqlite else (*ours, database), (theirs.process, database),
            seconds, rounds,
        )  # fmt: skip
        hold_still(installation, scene)
        try:
            found = _intake(bench)
            forget_due(scene)
            found |= _stored(bench, many)
            forget_due(scene)
        finally:
            installation.engine.resume()
        found |= _whole_way(bench, installation)
    forget_due(scene)
    return found


def _intake(bench: Bench) -> Figures:
    run, url, key = uuid4().hex[:8], bench.url, bench.scene.key
    count = iter(range(10**9))

    def new(_: int) -> bytes:
        return _event(url, key, f"{run} {next(count)}")

    def again(n: int) -> bytes:
        return _event(url, key, f"{run} again {n % KEYS}")

    theirs = bench.rival
    found: Figures = {
        "new": bench.pair(
            lambda: bench.run(url, new, CONNECTIONS),
            lambda: bench.run(theirs.url, lambda _: theirs.new(f"{run} {next(count)}"), CONNECTIONS),
        ),
        "duplicates": bench.pair(
            lambda: bench.run(url, again, CONNECTIONS),
            lambda: bench.run(theirs.url, lambda n: theirs.new(f"{run} again {n % KEYS}"), CONNECTIONS),
        ),
    }
    at_a_pace = closed_loop.paced(url, new, per_second=PACE, seconds=max(bench.seconds, 3))
    found["paced"] = {"p50_ms": at_a_pace.p50_ms, "p99_ms": at_a_pace.p99_ms, "failed": at_a_pace.failed}
    single, ten = [], []
    for _ in range(bench.rounds):
        single.append(bench.run(url, lambda _: _alertmanager(bench, 1, next(count)), CONNECTIONS))
        ten.append(bench.run(url, lambda _: _alertmanager(bench, BATCH, next(count)), CONNECTIONS))
    ratios = [b.per_second * BATCH / a.per_second for a, b in zip(single, ten, strict=True)]
    found["batches"] = {
        "one_per_second": median(each.per_second for each in single),
        "alerts_per_second": median(each.per_second * BATCH for each in ten),
        "ratio": median(ratios), "failed": sum(each.failed for each in [*single, *ten]),
    }  # fmt: skip
    return found


def _stored(bench: Bench, many: int) -> Figures:
    """With a thousand open alerts, then with many: acknowledgements one after the other, lists of 50."""
    # the API's own code is read at its first request
    closed_loop.full_speed(bench.url, lambda _: _open_alerts(bench), connections=1, seconds=60, at_most=5)
    few = stock(bench.scene, min(FEW, many // 10))
    at_few = bench.run(bench.url, lambda n: _acknowledge(bench, few[n]), 1, at_most=len(few))
    stocked = stock(bench.scene, many - len(few))
    theirs = bench.rival.fill(many)
    ours_turn, their_turn, each = iter(stocked), iter(theirs), len(stocked) // bench.rounds
    asked = bench.rival
    acknowledged = bench.pair(
        lambda: bench.run(bench.url, lambda _: _acknowledge(bench, next(ours_turn)), 1, at_most=each),
        lambda: bench.run(asked.url, lambda _: asked.acknowledge(next(their_turn)), 1, at_most=each),
    )
    listed = bench.pair(
        lambda: bench.run(bench.url, lambda _: _open_alerts(bench), 4),
        lambda: bench.run(asked.url, lambda _: asked.list_open(), 4),
    )
    return {
        "stored": many, "acknowledged": acknowledged, "listed": listed,
        "acknowledged_few_p50_ms": at_few.p50_ms,
        "acknowledged_growth": acknowledged["ours"]["p50_ms"] / at_few.p50_ms,
    }  # fmt: skip


def _whole_way(bench: Bench, installation: Installation) -> Figures:
    """G8: Alertmanager's webhook until the alert is on disk, while the engine pages for those before."""
    count, run = iter(range(10**9)), uuid4().hex[:8]
    rates = []
    for _ in range(bench.rounds):
        load = bench.run(bench.url, lambda _: _alertmanager(bench, 1, f"{run} {next(count)}"), 4)
        rates.append(load)
        hold_still(installation, bench.scene)
        forget_due(bench.scene)
        installation.engine.resume()
    return {
        "webhooks": {
            "per_second": median(each.per_second for each in rates),
            "p99_ms": median(each.p99_ms for each in rates),
            "failed": sum(each.failed for each in rates),
        }
    }


def _event(url: str, key: str, name: str) -> bytes:
    return post(url, "/v2/enqueue", json.loads(event(key, name)))


def _alertmanager(bench: Bench, number: int, run: object) -> bytes:
    alerts = [
        {
            "status": "firing", "labels": {"alertname": "CheckoutErrors", "severity": "critical", "n": str(n)},
            "annotations": {"summary": "Checkout errors at 14 %"}, "fingerprint": f"{run}-{n}",
            "startsAt": "2026-03-02T09:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "",
        }
        for n in range(number)
    ]  # fmt: skip
    body = {
        "version": "4", "groupKey": "{}", "status": "firing", "receiver": "nightbell", "truncatedAlerts": 0,
        "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "", "alerts": alerts,
    }  # fmt: skip
    return post(bench.url, f"/intake/{bench.doors.alertmanager}", body)


def _acknowledge(bench: Bench, alert_id: int) -> bytes:
    return post(bench.url, f"/api/v1/alerts/{alert_id}/acknowledgement", {}, token=bench.doors.token)


def _open_alerts(bench: Bench) -> bytes:
    return get(bench.url, "/api/v1/alerts?status=triggered&limit=50", token=bench.doors.token)


def _costed(act: Callable[[], Load], processes: tuple[Process, ...]) -> Figures:
    before = sum(process.family_cpu_seconds() for process in processes)
    load = act()
    spent = sum(process.family_cpu_seconds() for process in processes) - before
    return {
        "requests": load.requests, "per_second": load.per_second, "p50_ms": load.p50_ms, "p99_ms": load.p99_ms,
        "failed": load.failed, "cpu_ms": spent * 1000 / max(load.requests, 1),
    }  # fmt: skip


def _middle(rounds: list[Figures]) -> Figures:
    return {name: median(figures[name] for figures in rounds) for name in rounds[0]}
