"""F-14, F-15, F-18: several engines at once, one that is frozen past its lease, one that is cut off."""

import signal
import time

import pytest
import requests
import sqlalchemy as sa

from app.database import db, transaction
from tests.fault.harness import ROUTING_KEY, Lane, check, free_port
from tests.fault.partition import a_way_to
from tests.support.lane import IS_FULL
from tests.support.push_service import Trickle
from tests.support.stand_in import Rung
from tests.support.waiting import until

ALERTS = 600 if IS_FULL else 30
FREEZES, CUTS = (100, 5) if IS_FULL else (3, 1)
LEASE = 1.0
STARTING = 20.0  # seconds that an engine may take to start on a busy machine

pytestmark = pytest.mark.fault
on_postgresql = pytest.mark.parametrize("kind", ["queue"], indirect=True)


@on_postgresql
def test_F14_three_engines_and_a_fourth_share_the_work_and_double_none(lane: Lane) -> None:
    _note_who_claims()
    for _ in range(4):
        lane.start_engine(lease=LEASE * 10)
    for number in range(ALERTS):
        lane.fire(f"alert {number}")
    engines = {str(engine.pid) for engine in lane.engines}
    lane.settle(within=180)
    verdict = check(lane)
    assert verdict.holds, verdict.line()
    assert verdict.double_sends == 0
    claimed = db.session.scalars(sa.text("SELECT DISTINCT split_part(token, '-', 1) FROM claimed")).all()
    with transaction() as session:
        session.connection().exec_driver_sql("DROP FUNCTION note_claim CASCADE; DROP TABLE claimed")
    assert set(claimed) == engines


def test_F15_an_engine_frozen_past_its_lease_comes_back_to_find_its_word_refused(lane: Lane) -> None:
    """On SQLite it is the only one, and goes on itself; elsewhere another one takes over meanwhile."""
    slow = [Trickle(every=0.05)] * 2
    lane.start_engines(lease=LEASE)
    for freeze in range(FREEZES):
        for device in lane.devices.values():
            lane.service.behave(device.endpoint, *slow)
        seen = len(lane.service.posts)
        for number in range(3):
            lane.fire(f"freeze {freeze}, alert {number}")
        until(lambda seen=seen: len(lane.service.posts) > seen, within=60, every=0.001)
        frozen = lane.engines[freeze % lane.many]
        frozen.send(signal.SIGSTOP)
        lane.in_hand += lane.held_by(frozen)
        since = time.monotonic()
        until(lambda since=since: time.monotonic() > since + LEASE * 1.2)
        frozen.send(signal.SIGCONT)
    lane.settle(within=60)
    verdict = check(lane)
    assert verdict.holds, verdict.line()


@on_postgresql
def test_F18_an_engine_cut_off_in_the_middle_of_a_send_is_taken_over_and_sends_nothing_from_memory(
    lane: Lane,
) -> None:
    """Two engines and a web process on one PostgreSQL, as three hosts have it; one engine loses its network."""
    port = free_port()
    web = lane.start_web(port)
    with a_way_to(lane.settings.database_url) as way:
        for cut in range(CUTS):
            for device in lane.devices.values():
                lane.service.behave(device.endpoint, *[Trickle(every=0.3)] * 2)
            alone = lane.start_engine(database_url=way.url, lease=LEASE, name="alone")
            seen = len(lane.service.posts)
            for number in range(3):
                _report(port, f"cut {cut}, alert {number}")
            until(lambda seen=seen: len(lane.service.posts) > seen, within=60, every=0.001)
            way.cut()
            lane.in_hand += lane.held_by(alone)
            other, cut_at = lane.start_engine(lease=LEASE, name="other"), time.time()
            for device in lane.devices.values():
                lane.service.behave(device.endpoint)
            until(lambda engine=alone: lane.held_by(engine) == 0, within=60, every=0.02)
            since = time.time()
            assert not IS_FULL or since - cut_at < LEASE + 2 + STARTING  # a busy machine proves nothing
            until(lane.is_quiet, within=60, every=0.1)
            last = max(int(ring.page) for ring in _rung(lane))
            lane.kill(other)
            way.heal()
            _report(port, f"cut {cut}, after it")
            until(
                lambda last=last: any(int(ring.page) > last for ring in _rung(lane)),
                within=60,
                what="it is back",
            )
            # whatever it sent since another had its pages is of a page that was made since: nothing from memory
            its = [ring for ring in _rung(lane) if ring.headers["X-Engine"] == "alone" and ring.at > since]
            assert [ring.page for ring in its if int(ring.page) <= last] == []
            lane.kill(alone)
        lane.start_engines(lease=LEASE)
        lane.settle(within=60)
    web.kill()
    verdict = check(lane)
    assert verdict.holds, verdict.line()


def _rung(lane: Lane) -> list[Rung]:
    """Each page that a device got."""
    return [rung for device in lane.devices.values() for rung in device.log if rung.data["kind"] == "page"]


def _report(port: int, key: str) -> None:
    event = {
        "routing_key": ROUTING_KEY, "event_action": "trigger", "dedup_key": key,
        "payload": {"summary": key, "source": "x", "severity": "critical"},
    }  # fmt: skip
    answer = requests.post(f"http://127.0.0.1:{port}/v2/enqueue", json=event, timeout=10)
    assert answer.status_code == 202, answer.text


def _note_who_claims() -> None:
    """The database notes every claim."""
    with transaction() as session:
        session.execute(sa.text("CREATE TABLE IF NOT EXISTS claimed (token TEXT)"))
        session.execute(sa.text("DELETE FROM claimed"))
        session.connection().exec_driver_sql(
            "CREATE OR REPLACE FUNCTION note_claim() RETURNS trigger AS $$ BEGIN"
            " INSERT INTO claimed VALUES (NEW.lease_token); RETURN NEW; END $$ LANGUAGE plpgsql;"
            "CREATE OR REPLACE TRIGGER note_claim AFTER UPDATE OF lease_token ON delivery FOR EACH ROW"
            " WHEN (NEW.lease_token IS NOT NULL) EXECUTE FUNCTION note_claim()"
        )
