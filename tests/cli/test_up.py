"""`nightbell up` as a person starts it: the address, the link, both processes, and their end."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from click.testing import Result

from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]
SLOW = 60.0  # seconds to start in, on a machine that does other things too


class Up:
    """A running `nightbell up`, and what it has said."""

    def __init__(self, instance: Path, *words: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.log = instance.parent / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "up", "--port", str(self.port), *words],
                cwd=ROOT, env=os.environ | {"NIGHTBELL_INSTANCE_DIR": str(instance)}, stdout=log, stderr=log,
            )  # fmt: skip

    def said(self, pattern: str) -> str:
        """What the log says, once it says this."""
        found = until(
            lambda: re.search(pattern, self.log.read_text()), within=SLOW, what=f"{pattern!r} in the log"
        )
        assert found is not None
        return found[0]

    def get(self, path: str) -> int:
        """The status of an answer."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
                return int(answer.status)
        except HTTPError as error:
            with error:
                return error.code

    def child(self, name: str) -> int:
        """The number of the process called so."""
        for directory in Path("/proc").glob("[0-9]*"):
            try:
                words = (directory / "cmdline").read_bytes().split(b"\0")
                parent = int((directory / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            if parent == self.process.pid and name.encode() in words:
                return int(directory.name)
        return 0

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=SLOW)


@pytest.fixture
def up(instance: Path) -> Iterator[Callable[..., Up]]:
    started: list[Up] = []

    def start(*words: str) -> Up:
        started.append(Up(instance, *words))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop()


@pytest.mark.slow
def test_a_newcomer_reads_an_address_and_a_link_that_opens(up: Callable[..., Up], instance: Path) -> None:
    running = up()
    link = running.said(r"http://127\.0\.0\.1:\d+/welcome/\S+")
    assert running.get(link.removeprefix(f"http://127.0.0.1:{running.port}")) == 200
    assert running.stop() == 0
    assert (instance / "nightbell.db").stat().st_mode & 0o077 == 0


@pytest.mark.slow
@pytest.mark.fault
def test_INV16_what_is_killed_is_started_again(up: Callable[..., Up]) -> None:
    running = up()
    running.said("Nightbell is at")
    for name in ("web", "engine"):
        before = until(lambda name=name: running.child(name), within=SLOW)  # type: ignore[misc]
        os.kill(before, signal.SIGKILL)
        running.said(rf"{name} ended \(signal SIGKILL\)")
        until(lambda name=name: running.child(name), within=SLOW)  # type: ignore[misc]

    def answers() -> bool:
        try:
            return running.get("/login") == 200
        except OSError:
            return False

    until(answers, within=SLOW, what="web answers again")
    assert running.stop() == 0


@pytest.mark.slow
def test_an_installation_with_an_administrator_prints_no_link(
    up: Callable[..., Up], migrated: Callable[..., Result]
) -> None:
    migrated(
        "user", "create", "--email", "a@example.org", "--name", "Ada", "--role", "administrator",
        "--password-stdin", stdin="otter bridge lamp seven\n",
    )  # fmt: skip
    running = up()
    running.said("Nightbell is at")
    assert "welcome" not in running.log.read_text()


def test_a_taken_port_is_named(nightbell: Callable[..., Result]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = nightbell("up", "--port", str(taken.getsockname()[1]))
    assert refused.exit_code == 1
    assert "Choose another with --port" in refused.output


@pytest.mark.slow
def test_INV19_a_second_engine_on_the_same_file_says_so(up: Callable[..., Up], instance: Path) -> None:
    running = up()
    running.said("Nightbell is at")
    until(lambda: (instance / "engine.sock").exists(), within=SLOW, what="the first engine listens")
    second = subprocess.run(
        [sys.executable, "-m", "app.cli", "engine"], cwd=ROOT, capture_output=True, text=True, timeout=SLOW,
        env=os.environ | {"NIGHTBELL_INSTANCE_DIR": str(instance)}, check=False,
    )  # fmt: skip
    assert second.returncode == 1
    assert "already runs" in second.stderr


@pytest.mark.slow
def test_SEC36_a_fresh_start_listens_on_one_port_and_everything_behind_it_wants_a_sign_in(
    up: Callable[..., Up], instance: Path
) -> None:
    running = up()
    link = running.said(r"http://127\.0\.0\.1:\d+/welcome/\S+")
    until(lambda: (instance / "engine.sock").exists(), within=SLOW, what="the engine works")
    pids = {running.process.pid, running.child("web"), running.child("engine")}
    assert listening(pids) == {("127.0.0.1", running.port)}
    assert (instance / "engine.sock").stat().st_mode & 0o077 == 0
    for path in ("/", "/alerts", "/incidents", "/on-call", "/trends", "/services", "/teams", "/me", "/setup"):
        with urlopen(f"http://127.0.0.1:{running.port}{path}", timeout=20) as answer:
            assert urlsplit(answer.url).path == "/login", path
    assert running.get("/api/v1/alerts") == 401
    assert running.get("/console") == 404
    assert running.get(urlsplit(link).path[:-1] + "x") == 410


def listening(pids: set[int]) -> set[tuple[str, int]]:
    """The TCP addresses that these processes wait for connections at."""
    inodes = {
        os.readlink(descriptor)
        for pid in pids
        for descriptor in Path(f"/proc/{pid}/fd").glob("*")
        if descriptor.is_symlink()
    }
    found = set()
    for table, size in (("tcp", 8), ("tcp6", 32)):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            local, state, inode = (line.split()[n] for n in (1, 3, 9))
            if state == "0A" and f"socket:[{inode}]" in inodes:
                address, port = local.split(":")
                raw = bytes.fromhex(address[:size])
                words = b"".join(raw[n : n + 4][::-1] for n in range(0, len(raw), 4))
                found.add((str(ip_address(words)), int(port, 16)))
    return found
