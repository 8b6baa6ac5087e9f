"""The loop: it goes on whatever a single job does, proves that it lives, and is one to a SQLite file."""

import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import migrations
from app.database import transaction
from app.engine import Engine, EngineAlreadyRuns, heartbeat, jobs
from app.engine.run import A_MINUTE, only_engine
from app.paging import health
from tests.support.cast import make_proof
from tests.support.clock import TestClock
from tests.support.waiting import until
from tests.support.world import World


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    return World(clock)


def test_INV20_a_job_that_raises_holds_up_none_of_the_others(
    app: APIFlask, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def poison() -> int:
        raise ValueError("a row nobody expected")

    monkeypatch.setattr(jobs, "EVERY_SECOND", (poison, *jobs.EVERY_SECOND))
    world.fire()
    engine = Engine(app)
    thread = threading.Thread(target=engine.run)
    thread.start()
    try:
        until(lambda: "poison" in caplog.text and world.paged() == ["Ada"], within=20)
    finally:
        engine.stop()
        thread.join(timeout=20)
    assert not thread.is_alive()


def test_INV25_an_engine_that_meets_a_newer_schema_claims_nothing_and_says_so(
    app: APIFlask, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def move_to(version: str) -> None:
        with transaction() as session:
            session.execute(sa.text("UPDATE alembic_version SET version_num = :to"), {"to": version})

    ours = migrations.head()
    world.fire()
    move_to("9999")
    engine = Engine(app)
    thread = threading.Thread(target=engine.run)
    try:
        thread.start()
        until(lambda: "the database is at schema 9999" in caplog.text)
        engine._send_page(1)  # as the queue would have it
    finally:
        engine.stop()
        thread.join(timeout=20)
        move_to(ours)
    assert world.paged() == []
    assert health.seen_at() is None, "a screen would say that all is well"


def test_INV27_the_heartbeat_goes_out_only_while_tick_auditor_and_canary_are_well(world: World) -> None:
    def why() -> list[str]:
        return heartbeat.unwell(world.now, with_canary=True)

    assert why() == [
        "steps that are due are not taken", "the auditor has not looked", "no canary has arrived in 5 minutes"
    ]  # fmt: skip
    make_proof(world.now)
    health.note_round(world.now)
    jobs.audit()
    assert why() == []
    world.fire()
    world.clock.advance(seconds=31)
    health.note_round(world.now)
    assert why() == ["steps that are due are not taken"]
    jobs.audit()
    assert why()[1:] == ["the auditor found 1 promises not kept"]
    world.tick()
    jobs.audit()
    assert why() == []
    world.acknowledge(world.cast.ada)
    world.clock.advance(minutes=5)
    health.note_round(world.now)
    jobs.audit()
    assert why() == ["no canary has arrived in 5 minutes"]
    assert heartbeat.unwell(world.now, with_canary=False) == []


def test_an_engine_that_was_started_again_runs_its_errands_a_minute_later(
    app: APIFlask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[float] = []

    def errand() -> int:
        ran.append(engine._next_errand)
        return 1

    monkeypatch.setattr(jobs, "ERRANDS", (errand,))
    engine = Engine(app)
    assert engine._next_errand > time.monotonic() + A_MINUTE / 2
    thread = threading.Thread(target=engine.run)
    thread.start()
    try:
        until(lambda: engine._next_minute > 0)  # its first round did what is done every minute
        engine._next_errand -= A_MINUTE
        until(lambda: ran)
    finally:
        engine.stop()
        thread.join(timeout=20)


@pytest.fixture
def watcher() -> Iterator[tuple[str, list[str]]]:
    heard: list[str] = []

    class Watcher(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = http.server.HTTPServer(("127.0.0.1", 0), Watcher)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/alive", heard
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_watcher_hears_the_heartbeat(watcher: tuple[str, list[str]]) -> None:
    url, heard = watcher
    heartbeat.beat(url)
    assert heard == ["/alive"]


def test_a_watcher_that_is_away_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    heartbeat.beat("http://127.0.0.1:9/alive")
    assert "was not heard" in caplog.text


def test_INV19_a_second_engine_on_the_same_file_refuses_and_says_so(tmp_path: Path) -> None:
    lock = tmp_path / "engine.lock"
    with only_engine(lock), pytest.raises(EngineAlreadyRuns, match="already runs"), only_engine(lock):
        pass
    with only_engine(lock):
        pass  # the first has ended
