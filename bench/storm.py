"""F-12 with one key in the wrong hands (P-8, SEC-38): all others are paged as if nothing were.

10,000 alerts in a minute to one service; meanwhile the services of 32 other teams fire now and then, each at a
person of its own who is told one message in ten seconds at most (feature 36), so none of theirs waits.
"""

import http.client
import json
import os
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles
from uuid import uuid4

import sqlalchemy as sa

from app import clock, create_pageless_app
from app.alerts import integrations
from app.alerts.models import Alert
from app.alerts.sources.kinds import Kind
from app.database import db, transaction
from app.domain.timeline import Subject
from app.domain.words import PageStatus
from app.paging.models import Page
from app.paging.webpush import WebPush
from bench import load
from bench.measures import Figures, drain, fetch
from bench.running import Installation
from bench.scene import STEP_MINUTES, Scene
from tests.support.cast import make_device, make_policy, make_service, make_team, make_user
from tests.support.push_service import PushService
from tests.support.stand_in import StandIn

NEIGHBOURS = 32
EVERY = 12.0  # seconds between two alerts of one person: more than the gap that is kept
SENDERS = 8
DRAINS_WITHIN = 900.0  # seconds
GAP = 10  # seconds, NIGHTBELL_PUSH_GAP as it comes


@dataclass(frozen=True)
class Storm:
    """So many alerts of one key in so many seconds."""

    alerts: int
    seconds: float


MINUTE, BURST = Storm(10_000, 60.0), Storm(2000, 10.0)


@dataclass
class Watched:
    """Seen from outside while it stormed; `accepted` is time.time() by title, of the neighbours alone."""

    answers: Counter[int] = field(default_factory=Counter)
    accepted: dict[str, float] = field(default_factory=dict)
    screens: list[float] = field(default_factory=list)  # seconds for Now
    megabytes: float = 0.0  # most of web and engine together


def under_attack(
    installation: Installation, scene: Scene, service: PushService, storm: Storm = MINUTE
) -> Figures:
    """Storm, wait until all is paged, and compare what was accepted with what arrived."""
    neighbours = _neighbours(scene, service)
    before, begun = _alerts(scene), time.time()
    seen = _storm(installation, scene, [key for key, _ in neighbours], storm)
    left, drained_in_s = drain(scene, within=DRAINS_WITHIN), time.time() - begun - storm.seconds
    arrived = _arrived([device for _, device in neighbours], seen.accepted)
    cuts = quantiles([at - seen.accepted[title] for title, at in arrived.items()], n=100, method="inclusive")
    rung = [ring.at for ring in scene.device.log if ring.at >= begun]
    return {
        "accepted": seen.answers[202], "told_to_wait": seen.answers[429] + seen.answers[503],
        "other": seen.answers.total() - seen.answers[202] - seen.answers[429] - seen.answers[503],
        "lost": seen.answers[202] - (_alerts(scene) - before), "left": left, "drained_in_s": drained_in_s,
        "neighbours": len(seen.accepted), "neighbours_arrived": len(arrived),
        "neighbours_p50_ms": cuts[49] * 1000, "neighbours_p99_ms": cuts[98] * 1000,
        "messages": len(rung), "messages_in_s": rung[-1] - rung[0],
        "now_p95_ms": quantiles(seen.screens, n=20, method="inclusive")[18] * 1000, "now_n": len(seen.screens),
        "together_mb": seen.megabytes,
    }  # fmt: skip


def burst(installation: Installation, scene: Scene, service: PushService) -> Figures:
    """G10: 2,000 alerts in 10 s; where a parent starts it again, the engine is killed in a second one."""
    found = under_attack(installation, scene, service, BURST)
    if installation.others:
        found["killed"] = _with_a_kill(installation, scene)
    return found


def _with_a_kill(installation: Installation, scene: Scene) -> Figures:
    """The same with kill -9 in its midst: what was accepted and is not there, or was never sent."""
    drain(scene, within=DRAINS_WITHIN)
    before, unsent = _alerts(scene), _unsent(scene)
    kill = threading.Timer(BURST.seconds / 3, lambda: os.kill(installation.engine.pid, signal.SIGKILL))
    kill.start()
    answers = _pour(installation, scene, BURST, time.monotonic())
    left = drain(scene, within=DRAINS_WITHIN)
    return {
        "accepted": answers[202], "lost": answers[202] - (_alerts(scene) - before), "left": left,
        "unsent": _unsent(scene) - unsent,
    }  # fmt: skip


def _unsent(scene: Scene) -> int:
    """Alerts of which no page has reached a push service: none may be. A page of one whose phone stayed silent,
    as all of the bench's do, goes on to people who have none.
    """
    with create_pageless_app(scene.settings).app_context():
        unsent = Page.status.in_((PageStatus.QUEUED, PageStatus.FAILED, PageStatus.EXPIRED))
        sent = sa.exists().where(Page.subject_kind == Subject.ALERT, Page.subject_id == Alert.id, ~unsent)
        try:
            return int(db.session.scalar(sa.select(sa.func.count()).select_from(Alert).where(~sent)) or 0)
        finally:
            db.session.remove()
            db.engine.dispose()


def _neighbours(scene: Scene, service: PushService) -> list[tuple[str, StandIn]]:
    """Services of other teams, each with a key and somebody whose phone it rings."""
    line = WebPush.from_settings(scene.settings)
    found = []
    with create_pageless_app(scene.settings).app_context():
        for number in range(NEIGHBOURS):
            phone = service.subscribe(line.public_key)
            with transaction():
                person = make_user(f"Neighbour {number}")
                make_device(person, phone.endpoint, p256dh=phone.p256dh, auth=phone.auth)
                team = make_team(f"Neighbours {number}", person)
                policy = make_policy(team, (STEP_MINUTES, [person]))
                _, key = integrations.create(
                    service=make_service(f"neighbour-{number}", team, policy), name="bench",
                    kind=Kind.EVENTS_V2, by=None, at=clock.now(),
                )  # fmt: skip
            found.append((key, phone))
        db.session.remove()
        db.engine.dispose()
    line.close()
    return found


def _storm(installation: Installation, scene: Scene, keys: list[str], storm: Storm) -> Watched:
    seen, run = Watched(), uuid4().hex[:8]
    begun = time.monotonic()
    others: Counter[int] = Counter()

    def pour() -> None:
        seen.answers.update(_pour(installation, scene, storm, begun))

    def neighbours() -> None:
        line = load.connect(installation.url)
        for number in range(int(len(keys) * storm.seconds / EVERY)):
            _wait(begun + number * EVERY / len(keys))
            title = f"{run} neighbour {number:04}"
            payload = {"summary": title, "source": "bench", "severity": "critical"}
            event = {"routing_key": keys[number % len(keys)], "event_action": "trigger", "payload": payload}
            status = _post(line, json.dumps(event))
            seen.accepted |= {title: time.time()} if status == 202 else {}
            others[status] += 1

    def look() -> None:
        while time.monotonic() < begun + storm.seconds:
            at = time.monotonic()
            fetch(f"{installation.url}/", scene.cookie)
            seen.screens.append(time.monotonic() - at)
            held = (installation.web.resident_mb(), installation.engine.resident_mb())
            seen.megabytes = max(seen.megabytes, sum(held))
            _wait(at + 1)

    load.at_once([pour, neighbours, look])
    seen.answers.update(others)
    return seen


def _pour(installation: Installation, scene: Scene, storm: Storm, begun: float) -> Counter[int]:
    """One key's alerts, evenly over its time; how many were answered with what."""
    answers: Counter[int] = Counter()
    lock, turn, run = threading.Lock(), iter(range(storm.alerts)), uuid4().hex[:8]

    def pour() -> None:
        line = load.connect(installation.url)
        for number in turn:
            _wait(begun + number * storm.seconds / storm.alerts)
            status = _post(line, load.event(scene.key, f"{run} {number}"))
            with lock:
                answers[status] += 1

    load.at_once([pour] * SENDERS)
    return answers


def _wait(until: float) -> None:
    time.sleep(max(0.0, until - time.monotonic()))


def _post(line: http.client.HTTPConnection, body: str) -> int:
    line.request("POST", "/v2/enqueue", body, {"Content-Type": "application/json"})
    answer = line.getresponse()
    answer.read()
    return answer.status


def _arrived(devices: list[StandIn], titles: dict[str, float]) -> dict[str, float]:
    """When each of these reached a phone."""
    rings = [(str(ring.message), ring.at) for device in devices for ring in device.log]
    return {title: min(at) for title in titles if (at := [at for said, at in rings if title in said])}


def _alerts(scene: Scene) -> int:
    with create_pageless_app(scene.settings).app_context():
        try:
            return int(db.session.scalar(sa.select(sa.func.count()).select_from(Alert)) or 0)
        finally:
            db.session.remove()
            db.engine.dispose()
