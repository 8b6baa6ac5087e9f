"""What the engine does with what is due: pages at a pace, sends of one process, timers due at once."""

import http.client
import json
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pywebpush
import sqlalchemy as sa

from app import clock, create_pageless_app
from app.alerts.models import Escalation, Integration
from app.alerts.receive import receive
from app.database import db, transaction
from app.domain.alert import IncomingAlert
from app.domain.words import EscalationState, Severity
from app.engine import jobs
from app.engine.senders import PER_HOST
from app.paging.models import Delivery, Page
from app.paging.webpush import WebPush
from bench import running
from bench.measures import Figures, drain
from bench.running import Installation
from bench.scene import Scene
from tests.support.push_service import PushService
from tests.support.stand_in import StandIn

A_SECOND, FOR, WARMS_UP = 50, 10.0, 2.0  # alerts, and how many seconds
SENDS, TIMERS = 400, 2000
DUE, DUE_A_SECOND = 1000, 100
OPEN, WATCHED, A_WHILE = 5000, 10.0, 30  # alerts, seconds, seconds


def measure(installation: Installation, scene: Scene, service: PushService, *, rounds: int) -> Figures:
    drain(scene)
    paced(installation, scene, lasts=WARMS_UP)  # an engine that rang once today has compiled what it asks
    drain(scene)
    found = paced(installation, scene)
    drain(scene)
    found |= lateness(scene)
    drain(scene)
    hold_still(installation, scene)
    try:
        found |= timers(scene)
    finally:
        installation.engine.resume()
    drain(scene)
    found |= idle(installation, scene)
    return found | sends(scene, service, rounds=rounds)


def hold_still(installation: Installation, scene: Scene) -> None:
    """Pause the engine at a moment at which it holds no lock on a SQLite file."""
    installation.engine.pause()
    file = scene.settings.database_url.partition("sqlite:///")[2]
    while file:
        with closing(sqlite3.connect(file, timeout=0.2, isolation_level=None)) as line:
            try:
                line.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                installation.engine.resume()
                time.sleep(0.05)
                installation.engine.pause()
            else:
                return


def paced(installation: Installation, scene: Scene, *, lasts: float = FOR) -> Figures:
    """G9: from the start of a sender's request to the decrypted push, at 50 alerts a second."""
    run, sent, n = uuid4().hex[:8], dict[str, float](), 0
    connection = http.client.HTTPConnection(urlsplit(installation.url).netloc, timeout=30)
    begun = time.monotonic()
    while (due := n / A_SECOND) < lasts:
        time.sleep(max(0.0, begun + due - time.monotonic()))
        title = f"{run} {n:04}"  # none is the beginning of another: what arrives is known by it
        payload = {"summary": title, "source": "bench", "severity": "critical"}
        event = {"routing_key": scene.key, "event_action": "trigger", "dedup_key": title, "payload": payload}
        sent[title] = time.time()
        connection.request("POST", "/v2/enqueue", json.dumps(event), {"Content-Type": "application/json"})
        connection.getresponse().read()
        n += 1
    drain(scene)
    took = [took for title, at in sent.items() if (took := _arrived(scene.device, title, at)) is not None]
    cuts = quantiles(took, n=100, method="inclusive")
    return {"paced": n, "paced_arrived": len(took), "paced_p50_ms": cuts[49], "paced_p99_ms": cuts[98]}


def _arrived(device: StandIn, title: str, at: float) -> float | None:
    for rung in reversed(device.log):
        if title in str(rung.message):
            return (rung.at - at) * 1000
    return None


def lateness(scene: Scene) -> Figures:
    """P-7, G12: how late a step is taken of a thousand that fall due at 100 a second, the engine at work."""
    run = uuid4().hex[:8]
    with create_pageless_app(scene.settings).app_context():
        with transaction():
            begin = clock.now() + timedelta(seconds=2)
            alerts = _fill(run, DUE)
            due = {
                alert_id: begin + timedelta(seconds=place / DUE_A_SECOND)
                for place, alert_id in enumerate(alerts)
            }
            for alert_id, at in due.items():
                timer = sa.update(Escalation).where(Escalation.alert_id == alert_id)
                db.session.execute(timer.values(next_due_at=at))
        time.sleep(2 + DUE / DUE_A_SECOND)
        drain(scene)
        with transaction():
            pages = sa.select(Page.subject_id, Page.created_at).where(Page.subject_id.in_(alerts))
            late = [(at - due[number]).total_seconds() for number, at in db.session.execute(pages)]
        db.session.remove()
        db.engine.dispose()
    return {"due": len(late), "late_p50_s": median(late), "late_p99_s": quantiles(late, n=100)[98]}


def idle(installation: Installation, scene: Scene) -> Figures:
    """G12: the engine's share of a core while thousands of alerts are open and none of them is due."""
    with create_pageless_app(scene.settings).app_context():
        with transaction():
            alerts = _fill(uuid4().hex[:8], OPEN)
            ahead = sa.update(Escalation).where(Escalation.alert_id.in_(alerts))
            db.session.execute(ahead.values(next_due_at=clock.now() + timedelta(hours=5)))
        time.sleep(scene.settings.shown_within + A_WHILE)  # no phone showed the pages before: that has its time
        before = installation.engine.cpu_seconds()
        time.sleep(WATCHED)
        share = (installation.engine.cpu_seconds() - before) / WATCHED
        with transaction():
            db.session.execute(ahead.values(next_due_at=None, state=EscalationState.STOPPED))
        db.session.remove()
        db.engine.dispose()
    return {"open": OPEN, "idle_share": share}


def _fill(run: str, many: int) -> list[int]:
    """New alerts of the bench's door, by their numbers. Inside a transaction."""
    door = db.session.scalars(sa.select(Integration).order_by(Integration.id.desc())).first()
    assert door is not None
    found = []
    for number in range(many):
        report = IncomingAlert(f"{run} {number:05}", f"{run} {number:05}", severity=Severity.CRITICAL)
        found.append(receive(report, door, at=clock.now()).alert_id)
    return [alert_id for alert_id in found if alert_id is not None]


def timers(scene: Scene) -> Figures:
    """G12: steps a second when as many fall due at once; a step makes a page, its deliveries, its events."""
    run = uuid4().hex[:8]
    with create_pageless_app(scene.settings).app_context():
        with transaction():
            _fill(run, TIMERS)
        begun, spent, did = time.monotonic(), time.process_time(), 0
        while taken := jobs.take_due_steps():
            did += taken
        seconds, cpu = time.monotonic() - begun, time.process_time() - spent
        with transaction():
            late = db.session.scalar(sa.select(sa.func.count()).where(Escalation.next_due_at <= clock.now()))
            db.session.execute(sa.update(Delivery).values(next_attempt_at=None))
        db.session.remove()
        db.engine.dispose()
    return {"timers": did, "timers_per_second": did / seconds, "timers_cpu_ms": cpu * 1000 / did, "left": late}


def sends(scene: Scene, service: PushService, *, rounds: int) -> Figures:
    """G11: messages a second of one process, ours and pywebpush's in turn, to a push service that is quick; and
    ours to one that takes 50 ms, as many at once as the engine sends to one host.
    """
    with _stub(0) as quick, _stub(50) as slow:
        line = WebPush.from_settings(_with_hosts(scene, quick, slow))
        device = service.subscribe(line.public_key)
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(_rate(lambda: _send(line, quick, device), SENDS))
            theirs.append(_rate(lambda: _pywebpush(scene, quick, device), SENDS // 4))
        with ThreadPoolExecutor(PER_HOST) as pool:
            begun = time.monotonic()
            for done in [pool.submit(_send, line, slow, device) for _ in range(SENDS)]:
                done.result()
            waited = SENDS / (time.monotonic() - begun)
        line.close()
    return {
        "sends_per_second": median(ours), "pywebpush_per_second": median(theirs),
        "sends_ratio": median(a / b for a, b in zip(ours, theirs, strict=True)), "sends_at_50_ms": waited,
    }  # fmt: skip


@contextmanager
def _stub(milliseconds: int) -> Iterator[str]:
    with running.module("bench.stub", str(milliseconds)) as url:
        yield url


def _with_hosts(scene: Scene, *urls: str) -> Any:
    return replace(scene.settings, push_hosts=tuple(urlsplit(url).netloc for url in urls))


def _rate(act: Any, times: int) -> float:
    begun = time.monotonic()
    for _ in range(times):
        act()
    return times / (time.monotonic() - begun)


PAYLOAD = b"x" * 250


def _send(line: WebPush, url: str, device: StandIn) -> None:
    line.send(f"{url}/x", device.p256dh, device.auth, PAYLOAD, ttl=300, urgency="high", topic="bench")


def _pywebpush(scene: Scene, url: str, device: StandIn) -> None:
    pywebpush.webpush(
        {"endpoint": f"{url}/x", "keys": {"p256dh": device.p256dh, "auth": device.auth}}, PAYLOAD.decode(),
        vapid_private_key=scene.settings.vapid_private_key, ttl=300,
        vapid_claims={"sub": scene.settings.vapid_subject}, headers={"Urgency": "high", "Topic": "bench"},
    )  # fmt: skip
