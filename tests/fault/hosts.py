"""Hosts: network namespaces, each with a wire to where PostgreSQL and the push service are. It can be cut.

Takes root and iproute2. The database is reached over the wire by its own address; the push service is of this
machine (http to any other would be refused), so inside each host the same port of its loopback leads there.
"""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.fault.partition import Relay, postgresql_at, relay

NETWORK_NAMESPACE = 0x40000000  # setns' CLONE_NEWNET
NET = "10.213"


@dataclass(frozen=True)
class Host:
    """`address` is its own, `gateway` ours at the other end of its wire, at which `database_url` and
    `push_port` are.
    """

    name: str
    wire: str
    address: str
    gateway: str
    database_url: str
    push_port: int

    def cut(self) -> None:
        """Pull the plug: nothing gets through either way, and nobody is told."""
        _ip("link", "set", self.wire, "down")

    def heal(self) -> None:
        _ip("link", "set", self.wire, "up")

    def wishes(self, push_port: int) -> dict[str, Any]:
        """What makes a process one of this host's, where the push service is at that port of its loopback."""
        return {"host": self.name, "loopback": [push_port, self.gateway, self.push_port]}


def are_permitted() -> bool:
    """Whether this machine lets us make a network namespace."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"nightbell-try-{os.getpid()}"
    try:
        _ip("netns", "add", name)
        _ip("netns", "del", name)
    except subprocess.CalledProcessError:
        return False
    return True


@contextmanager
def hosts(names: tuple[str, ...], database_url: str, push_port: int) -> Iterator[dict[str, Host]]:
    """So many, all connected; gone afterwards."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(_host(name, place, database_url, push_port))
            for place, name in enumerate(names)
        }


@contextmanager
def _host(name: str, place: int, database_url: str, push_port: int) -> Iterator[Host]:
    mark = os.getpid() % 60 * 4 + place  # another run beside this one has others
    inside, wire = f"nightbell-{os.getpid()}-{name}", f"nb{os.getpid() % 100000}{place}"
    gateway, address = f"{NET}.{mark}.1", f"{NET}.{mark}.2"
    _ip("netns", "add", inside)
    try:
        _ip("link", "add", wire, "type", "veth", "peer", "name", "wire", "netns", inside)
        _ip("addr", "add", f"{gateway}/30", "dev", wire)
        _ip("link", "set", wire, "up")
        for words in (("addr", "add", f"{address}/30", "dev", "wire"), ("link", "set", "wire", "up")):
            _ip("-n", inside, *words)
        _ip("-n", inside, "link", "set", "lo", "up")
        to_push = ("127.0.0.1", push_port)
        with relay(postgresql_at(database_url), gateway) as to_database, relay(to_push, gateway) as push:
            url = sa.make_url(database_url).set(host=gateway, port=to_database.port, query={})
            yield Host(inside, wire, address, gateway, url.render_as_string(hide_password=False), push.port)
    finally:
        with suppress(subprocess.CalledProcessError):
            _ip("link", "del", wire)
        _ip("netns", "del", inside)


def enter(name: str, loopback: tuple[int, str, int] | None) -> None:
    """Be a process of that host from now on, with a way to the push service. Before it has a second thread."""
    with (Path("/run/netns") / name).open() as inside:
        if ctypes.CDLL(None, use_errno=True).setns(inside.fileno(), NETWORK_NAMESPACE) != 0:
            raise OSError(ctypes.get_errno(), "this is no host to enter")
    if loopback is not None:
        port, gateway, there = loopback
        Relay((gateway, there), "127.0.0.1", port)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
