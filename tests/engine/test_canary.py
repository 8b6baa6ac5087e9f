"""D3: a synthetic event through the real intake, engine and push to its destination, and into nothing else."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.database import db, transaction
from app.engine.canary import CanaryRound
from app.paging import canary
from tests.support.clock import TestClock
from tests.support.live_app import live
from tests.support.world import World


@pytest.fixture
def address(app: APIFlask) -> Iterator[str]:
    with live(app) as address:
        app.config["settings"] = _with(app, canary_url=address)
        yield address


def _with(app: APIFlask, **changes: object) -> object:
    return replace(app.config["settings"], **changes)


def _rounds(app: APIFlask, times: int) -> None:
    """As the engine does: a round, what it started, and so on."""
    waiting: list[threading.Thread] = []

    def beside(act: Callable[[], None]) -> None:
        waiting.append(threading.Thread(target=act))

    lap = CanaryRound(app, beside=beside)
    try:
        for _ in range(times):
            lap.step()
            for thread in waiting:
                thread.start()
                thread.join(timeout=30)
            waiting.clear()
    finally:
        lap.close()


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    return World(clock)


def counts() -> dict[str, int]:
    db.session.rollback()
    tables = ("alert", "escalation", "page", "delivery", "event", "raw_request", "notice")
    return {name: db.session.scalar(sa.text(f"SELECT count(*) FROM {name}")) or 0 for name in tables}


def test_D3_a_canary_goes_all_the_way_and_leaves_no_other_trace(
    app: APIFlask, address: str, world: World
) -> None:
    before = counts()
    _rounds(app, 2)
    heard = canary.last_heard()
    assert heard is not None
    assert heard.heard_at == app_clock.now()
    assert counts() == before
    day = canary.of_the_day(app_clock.now())
    assert (day.sent, day.arrived) == (1, 1)


def test_D3_a_canary_whose_web_is_away_proves_nothing_and_is_said_in_the_log(
    app: APIFlask, caplog: pytest.LogCaptureFixture
) -> None:
    app.config["settings"] = _with(app, canary_url="http://127.0.0.1:9")
    with caplog.at_level(logging.WARNING):
        _rounds(app, 2)
    assert "could not be reached by the canary" in caplog.text
    assert canary.last_heard() is None


def test_nobody_else_can_say_that_the_path_works(app: APIFlask) -> None:
    client = app.test_client()
    assert client.post("/intake/nbc_guessed", json={"canary": "x"}).status_code == 404
    assert client.post("/canary/guessed", data=b"x").status_code == 404
    right = f"/canary/{canary.token()}"
    assert client.post(right, data=b"not encrypted for it").status_code == 404
    assert client.post(right, data=b"x" * 5000).status_code == 413
    opened = f"/intake/{canary.intake_key()}"
    assert client.post(opened, json={"canary": ""}).status_code == 422
    assert client.post(opened, json=[1]).status_code == 422
    assert client.post(opened, json={"canary": "once"}).status_code == 202
    assert client.post(opened, json={"canary": "once"}).status_code == 202  # a second knock is the first
    with transaction():
        assert canary.take_up(app_clock.now()) == ["once"]
    assert canary.last_heard() is None
