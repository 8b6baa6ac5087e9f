"""F-18 on hosts of their own: two engines and web, each in a network namespace, on one PostgreSQL."""

import sys
import time

import pytest
import requests

from tests.fault import hosts
from tests.fault.harness import ROUTING_KEY, Lane, check, free_port
from tests.fault.hosts import Host
from tests.support.lane import IS_FULL
from tests.support.push_service import Trickle
from tests.support.stand_in import Rung
from tests.support.waiting import until

CUTS, LEASE = (5, 10.0) if IS_FULL else (1, 1.0)
SLACK = 2.0 if IS_FULL else 10.0  # over the lease; beside another test a core may stand still for seconds

pytestmark = [
    pytest.mark.fault,
    pytest.mark.parametrize("kind", ["queue"], indirect=True),
    pytest.mark.skipif(not hosts.are_permitted(), reason="network namespaces take root and iproute2"),
]


def test_F18_a_host_that_loses_its_network_mid_send_is_taken_over_and_sends_nothing_from_memory(
    lane: Lane,
) -> None:
    push_port, port = int(lane.service.host.rpartition(":")[2]), free_port()
    with hosts.hosts(("one", "two", "web"), lane.settings.database_url, push_port) as here:
        web = lane.start_web(port, here["web"])
        for name in ("one", "two"):
            start(lane, here[name], name, push_port)
        for cut in range(CUTS):
            took = lose(lane, here, cut, port)
            sys.stdout.write(f"taken over {took:.1f} s after the cut, lease {LEASE:g} s\n")
            assert took <= LEASE + SLACK
        lane.settle(within=120)
        web.kill()
    verdict = check(lane)
    assert verdict.holds, verdict.line()


def start(lane: Lane, host: Host, name: str, push_port: int) -> None:
    lane.start_engine(
        database_url=host.database_url, lease=LEASE, let_go=LEASE, name=name, **host.wishes(push_port)
    )


def lose(lane: Lane, here: dict[str, Host], cut: int, port: int) -> float:
    """Cut off whichever engine is sending; in how many seconds the other had all that it held."""
    for device in lane.devices.values():
        lane.service.behave(device.endpoint, *[Trickle(every=0.3)] * 2)
    seen = len(lane.service.posts)
    for number in range(3):
        report(here["web"], port, f"cut {cut}, alert {number}")
    until(lambda: len(lane.service.posts) > seen, within=60, every=0.001)
    alone = lane.service.posts[seen].headers["X-Engine"]
    engine = lane.engines[("one", "two").index(alone)]
    here[alone].cut()
    cut_at = time.time()
    lane.in_hand += lane.held_by(engine)
    for device in lane.devices.values():
        lane.service.behave(device.endpoint)
    until(lambda: lane.held_by(engine) == 0, within=60, every=0.02, what="the other has taken over")
    since = time.time()
    until(lambda: lane.is_quiet(), within=120, every=0.1, what="all of it done by the other")
    last = max(int(ring.page) for ring in rung(lane))
    here[alone].heal()
    report(here["web"], port, f"cut {cut}, after it")
    until(lambda: lane.is_quiet() and max(int(ring.page) for ring in rung(lane)) > last, within=120, every=0.1)
    # whatever it sent since the other had its pages is of a page that was made since: nothing from memory
    its = [ring for ring in rung(lane) if ring.headers["X-Engine"] == alone and ring.at > since]
    assert [ring.page for ring in its if int(ring.page) <= last] == []
    return since - cut_at


def rung(lane: Lane) -> list[Rung]:
    return [ring for device in lane.devices.values() for ring in device.log if ring.data["kind"] == "page"]


def report(web: Host, port: int, key: str) -> None:
    event = {
        "routing_key": ROUTING_KEY, "event_action": "trigger", "dedup_key": key,
        "payload": {"summary": key, "source": "x", "severity": "critical"},
    }  # fmt: skip
    known_as = {"Host": f"127.0.0.1:{port}"}
    answer = requests.post(f"http://{web.address}:{port}/v2/enqueue", json=event, timeout=10, headers=known_as)
    assert answer.status_code == 202, answer.text
