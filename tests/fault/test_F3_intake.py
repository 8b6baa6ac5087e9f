"""F-3, F-6, F-7, F-21: web is killed, the disk is full, a notebook reads, everybody sends the same at once."""

import resource
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.alerts.models import OPEN, Alert
from app.alerts.receive import receive
from app.database import db, transaction
from app.domain.alert import IncomingAlert, Said
from app.domain.words import Severity
from tests.fault.harness import ROUTING_KEY, Lane, check, free_port
from tests.support.clock import TestClock
from tests.support.lane import IS_FULL
from tests.support.waiting import until
from tests.support.world import World

KILLS, ROUNDS, SENDERS = (500, 2000, 32) if IS_FULL else (50, 60, 8)
STEADY = 5  # events between two kills of web

pytestmark = pytest.mark.fault
on_sqlite_alone = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


def send(port: int, key: str) -> int:
    """One trigger; the status, or 0 when nobody answered to the end."""
    event = {
        "routing_key": ROUTING_KEY, "event_action": "trigger", "dedup_key": key,
        "payload": {"summary": key, "source": "x", "severity": "critical"},
    }  # fmt: skip
    with suppress(requests.RequestException):
        return requests.post(f"http://127.0.0.1:{port}/v2/enqueue", json=event, timeout=20).status_code
    return 0


@on_sqlite_alone
def test_F3_INV1_INV17_what_web_accepted_is_there_however_often_it_is_killed(lane: Lane) -> None:
    port = free_port()
    accepted: list[str] = []
    stop = threading.Event()

    def sender(name: str) -> None:
        for number in range(10_000):
            key = f"{name} {number}"
            while not stop.is_set() and (status := send(port, key)) != 202:
                assert status in (0, 503)
            if stop.is_set():
                return
            accepted.append(key)

    web = lane.start_web(port)
    with ThreadPoolExecutor(2) as senders:
        sending = [senders.submit(sender, name) for name in ("first", "second")]
        for _ in range(KILLS):
            seen = len(accepted)
            until(lambda seen=seen: len(accepted) >= seen + STEADY, within=60, every=0.002)
            web.kill()
            web = lane.start_web(port)
        stop.set()
        for each in sending:
            each.result(timeout=60)
    web.kill()
    db.session.rollback()
    keys = db.session.scalars(sa.select(Alert.dedup_key)).all()
    assert len(keys) == len(set(keys))
    assert set(accepted) <= set(keys), "accepted and lost"
    assert len(set(keys) - set(accepted)) <= 2, "at most what was under way when it ended"


@on_sqlite_alone
def test_F6_INV28_a_full_disk_is_answered_503_and_all_goes_on_when_there_is_room_again(lane: Lane) -> None:
    port = free_port()
    web = lane.start_web(port)
    engine = lane.start_engine()
    assert send(port, "before") == 202
    until(lambda: lane.is_quiet(), within=60, every=0.1)
    full = Path(f"{lane.settings.database_url.removeprefix('sqlite:///')}-wal").stat().st_size
    _grow_no_file_beyond([web.pid, engine.pid], full)
    answers = [send(port, f"during {number}") for number in range(20)]
    assert set(answers) <= {202, 503}
    assert 503 in answers
    taken = [f"during {number}" for number, status in enumerate(answers) if status == 202]
    _grow_no_file_beyond([web.pid, engine.pid], resource.RLIM_INFINITY)
    assert send(port, "after") == 202
    assert engine.is_alive()
    lane.settle(within=60)
    web.kill()
    db.session.rollback()
    assert db.session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
    keys = set(db.session.scalars(sa.select(Alert.dedup_key)))
    assert {"before", "after", *taken} == keys
    assert check(lane).holds


def _grow_no_file_beyond(pids: list[int], size: int) -> None:
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@on_sqlite_alone
def test_F7_a_reader_in_a_long_transaction_holds_up_neither_intake_nor_steps(lane: Lane) -> None:
    file = lane.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)) as notebook:
        notebook.execute("BEGIN")
        notebook.execute("SELECT count(*) FROM alert").fetchone()
        lane.start_engines()
        for number in range(20):
            lane.fire(f"alert {number}")
        lane.settle(within=60)
        notebook.execute("COMMIT")
    assert check(lane).holds
    db.session.rollback()
    with closing(sqlite3.connect(file)) as plain:
        busy, _, _ = plain.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert busy == 0
    assert Path(f"{file}-wal").stat().st_size == 0


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    return World(clock)


@pytest.mark.parametrize("kind", ["sqlite", "queue"], indirect=True)  # a race of senders: no engine is in it
def test_F21_INV17_the_same_report_from_everybody_at_once_is_one_alert_with_one_page(
    app: APIFlask, world: World
) -> None:
    door_id = world.cast.integration.id
    meet = threading.Barrier(SENDERS)

    def one(sender: int) -> None:
        with app.app_context():
            for number in range(ROUNDS):
                said = Said.RESOLVED if number % 3 == 2 and sender == 0 else Said.FIRING
                report = IncomingAlert(f"key {number // 3}", "same", severity=Severity.CRITICAL, status=said)
                meet.wait(timeout=60)
                with transaction() as session:
                    receive(report, session.get_one(type(world.cast.integration), door_id), at=app_clock.now())
            db.session.remove()

    with ThreadPoolExecutor(SENDERS) as senders:
        for outcome in [senders.submit(one, number) for number in range(SENDERS)]:
            outcome.result(timeout=300)
    db.session.rollback()
    keys = list(db.session.scalars(sa.select(Alert.dedup_key).where(OPEN)))
    assert len(keys) == len(set(keys))
    world.tick()
    twice = "SELECT subject_id FROM page WHERE kind = 'page' GROUP BY subject_id HAVING count(*) > 1"
    assert db.session.execute(sa.text(twice)).all() == []
    assert len(world.pages()) == len(keys)
    counted = db.session.scalar(sa.select(sa.func.sum(Alert.occurrences)))
    assert counted == SENDERS * ROUNDS - ROUNDS // 3
