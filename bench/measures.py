"""The measures, one function each: what it does to an installation, and the figures it gives back."""

import gzip
import re
import time
import urllib.request
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

from bench import load
from bench.running import Installation, Process, web_alone
from bench.scene import Scene
from tests.support.push_service import PushService

Figures = dict[str, Any]
ARRIVES_WITHIN = 10.0  # seconds for one push
DRAINS_WITHIN = 240.0  # seconds for the engine to page what intake left it
LIMITS = {"pages_p50_ms": 300, "pages_p99_ms": 1000, "crowd_p99_ms": 5000, "memory_mb": 250, "now_js_kb": 60,
          "screens_p95_s": 2, "first_paint_ms": 1000}  # fmt: skip
SHARE_OF_BARE = {"sqlite": 1 / 5, "postgresql": 1 / 10}


def pages(installation: Installation, scene: Scene, service: PushService, *, alerts: int) -> Figures:
    """One alert at a time into an idle installation."""
    return one_by_one(installation, scene, service, alerts=alerts)


def one_by_one(installation: Installation, scene: Scene, service: PushService, *, alerts: int) -> Figures:
    """From an alert's acceptance, as the sender sees it, to the POST of its push at the push service, and how
    long the sender waited for the acceptance: milliseconds. Clocks are this machine's own.
    """
    waits: list[float] = []
    answers: list[float] = []
    connection = None
    run = uuid4().hex[:8]
    for number in range(alerts):
        before, sent = len(service.posts), time.time()
        connection = load.one(installation.url, load.event(scene.key, f"{run}-{number}"), connection)
        accepted = time.time()
        answers.append((accepted - sent) * 1000)
        _until(lambda before=before: len(service.posts) > before, ARRIVES_WITHIN, "a push")
        waits.append(max(service.posts[before].at - accepted, 0.0) * 1000)
        time.sleep(0.005 + number % 20 / 1000)  # at no beat of the engine's own
    cuts, answered = (quantiles(each, n=100, method="inclusive") for each in (waits, answers))
    return {
        "alerts": alerts, "p50_ms": cuts[49], "p99_ms": cuts[98], "longest_ms": max(waits),
        "accepted_p50_ms": answered[49], "accepted_p99_ms": answered[98],
    }  # fmt: skip


def intake(
    installation: Installation, scene: Scene, bare: tuple[str, Process], *, seconds: float, rounds: int
) -> Figures:
    """New alerts, each on disk before it is answered, by 16 senders; the bare route in turn with it.

    `alone`: the engine stands still, so that this is what intake costs. `paging`: the engine pages for each of
    them at the same time, on the same cores.
    """
    taken: dict[str, list[Figures]] = {"bare": [], "alone": [], "paging": []}
    url, process = bare
    installation.engine.pause()
    try:
        for _ in range(rounds):
            taken["bare"].append(_loaded(url, scene.key, process, seconds))
            taken["alone"].append(_loaded(installation.url, scene.key, installation.web, seconds))
    finally:
        installation.engine.resume()
    drain(scene)
    for _ in range(rounds):
        engine_before = installation.engine.cpu_seconds()
        found = _loaded(installation.url, scene.key, installation.web, seconds)
        found["engine_cpu_ms"] = (installation.engine.cpu_seconds() - engine_before) * 1000 / found["requests"]
        taken["paging"].append(found)
        drain(scene)
    middle = {name: _middle(found) for name, found in taken.items()}
    share = middle["alone"]["per_second"] / middle["bare"]["per_second"]
    return {**middle, "share_of_bare": share}


def memory(installation: Installation, scene: Scene, *, alerts: int) -> Figures:
    """Resident megabytes after this many alerts more, all paged for, and one look at Now."""
    started = {process.name: process.resident_mb() for process in (installation.web, installation.engine)}
    load.exactly(installation.url, scene.key, alerts)
    left = drain(scene)
    fetch(installation.url, scene.cookie)
    processes = (installation.web, installation.engine, *installation.others)
    found = {process.name: process.resident_mb() for process in processes}
    return {
        "alerts": alerts, "started": started, **found, "together": found["web"] + found["engine"],
        "not_paged_yet": left,
    }  # fmt: skip


def start(scene: Scene, *, rounds: int) -> Figures:
    """Seconds from the start of `nightbell web` to its first answer, on the clock and of the processor (which
    does not count what else this machine does), its resident megabytes after one look at
    Now, and after one at Trends, which is what loads pandas.
    """
    found: list[Figures] = []
    for _ in range(rounds):
        with web_alone(scene.environ) as (url, web, seconds):
            spent = web.cpu_seconds()
            fetch(url, scene.cookie)
            idle = web.resident_mb()
            fetch(f"{url}/trends", scene.cookie)
            found.append(
                {
                    "seconds": seconds,
                    "cpu_seconds": spent,
                    "idle_mb": idle,
                    "after_trends_mb": web.resident_mb(),
                }
            )
    return _middle(found)


def sizes(installation: Installation, scene: Scene) -> Figures:
    """Kilobytes of Now, each file compressed by itself, its modules followed through their imports."""
    html = fetch(installation.url, scene.cookie)
    scripts = list(_modules(installation.url, re.findall(r'<script[^>]* src="([^"]+)"', html), scene.cookie))
    styles = [
        fetch(urljoin(installation.url, address), scene.cookie)
        for address in re.findall(r'<link rel="stylesheet" href="([^"]+)"', html)
    ]
    return {
        "html_kb": _compressed([html]), "css_kb": _compressed(styles),
        "js_kb": _compressed([text for _, text in scripts]),
        "js_files": len(scripts), "plotly": any("plotly" in address for address, _ in scripts),
    }  # fmt: skip


def drain(scene: Scene, *, within: float = DRAINS_WITHIN) -> int:
    """Wait until the engine has paged for everything; answers what is left when that takes too long."""
    deadline = time.monotonic() + within
    while (left := scene.waiting()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return left


def fetch(url: str, cookie: str) -> str:
    request = urllib.request.Request(url, headers={"Cookie": cookie})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(answer.read().decode())


def _loaded(url: str, key: str, process: Process, seconds: float) -> Figures:
    """Requests per second and what one costs the server, in milliseconds of its processor time."""
    before = process.cpu_seconds()
    found = load.new_alerts(url, key, seconds=seconds)
    if found.failed:
        raise RuntimeError(f"{found.failed} of {found.requests} requests failed")
    return {
        "requests": found.requests, "per_second": found.per_second,
        "p50_ms": found.p50_ms, "p99_ms": found.p99_ms,
        "cpu_ms": (process.cpu_seconds() - before) * 1000 / found.requests,
    }  # fmt: skip


def _middle(rounds: list[Figures]) -> Figures:
    return {name: median(figures[name] for figures in rounds) for name in rounds[0]}


def _modules(url: str, addresses: list[str], cookie: str) -> Iterator[tuple[str, str]]:
    """Every script of a page and all they import, each once, now or later."""
    waiting, seen = [urljoin(url, address) for address in addresses], set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        text = fetch(address, cookie)
        yield address, text
        imports = re.findall(r'(?:from|import)\s*\(?\s*"(\.?/[^"]+)"', text)
        waiting += [urljoin(address, found) for found in imports]


def _compressed(texts: list[str]) -> float:
    return sum(len(gzip.compress(text.encode(), mtime=0)) for text in texts) / 1024


def _until(holds: Any, within: float, what: str) -> None:
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come in {within:g} s")
        time.sleep(0.0005)
