"""The parent of `nightbell up`: it starts again what dies, and stops all of it when told."""

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.cli import processes
from tests.support.waiting import until

PROGRAM = processes.__file__

# A child that leaves its number in a file, and takes SIGTERM as its end.
SLEEPER = """
import pathlib, signal, sys
with open(sys.argv[1], "a") as file:
    file.write(f"{__import__('os').getpid()}\\n")
signal.sigwait({signal.SIGTERM})
"""


class Parent:
    """processes.py at work, as `nightbell up` starts it."""

    def __init__(self, children: dict[str, list[str]], address: tuple[str, int] | None = None) -> None:
        reading, writing = os.pipe()
        os.write(writing, json.dumps({"children": children, "address": address, "say": "here it is"}).encode())
        os.close(writing)
        self.process = subprocess.Popen(
            [sys.executable, "-I", PROGRAM, str(reading)],
            pass_fds=[reading],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        os.close(reading)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Exit code, output and errors after a signal."""
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=30)
        return self.process.returncode, output, errors


@pytest.fixture
def start() -> Iterator[Callable[..., Parent]]:
    started: list[Parent] = []

    def start_one(*arguments: object, **named: object) -> Parent:
        started.append(Parent(*arguments, **named))  # type: ignore[arg-type]
        return started[-1]

    yield start_one
    for parent in started:
        if parent.process.poll() is None:
            parent.end()


def sleeper(file: Path) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(SLEEPER), str(file)]


def pids(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_child_that_is_killed_is_started_again_and_the_other_is_left_alone(
    start: Callable[..., Parent], tmp_path: Path
) -> None:
    web, engine = tmp_path / "web", tmp_path / "engine"
    parent = start({"web": sleeper(web), "engine": sleeper(engine)})
    until(lambda: pids(web) and pids(engine), what="both start")
    os.kill(pids(engine)[0], signal.SIGKILL)
    until(lambda: len(pids(engine)) == 2, what="the engine starts again")
    code, _, errors = parent.end()
    assert code == 0
    assert len(pids(web)) == 1
    assert "engine ended (signal SIGKILL), starting it again now" in errors
    assert not any(map(is_alive, pids(web) + pids(engine)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_and_the_end_is_a_good_one(
    start: Callable[..., Parent], tmp_path: Path, number: int
) -> None:
    parent = start({"web": sleeper(tmp_path / "web")})
    until(lambda: pids(tmp_path / "web"), what="web starts")
    assert parent.end(number)[0] == 0
    assert not is_alive(pids(tmp_path / "web")[0])


def test_children_end_when_their_parent_is_killed(start: Callable[..., Parent], tmp_path: Path) -> None:
    parent = start({"engine": sleeper(tmp_path / "engine")})
    until(lambda: pids(tmp_path / "engine"), what="the engine starts")
    parent.end(signal.SIGKILL)
    until(lambda: not is_alive(pids(tmp_path / "engine")[0]), what="the engine ends")


def test_what_a_dead_child_left_running_is_ended_before_it_starts_again(
    start: Callable[..., Parent], tmp_path: Path
) -> None:
    file = tmp_path / "worker"
    web = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPER!r}, {str(file)!r}])"
    start({"web": [sys.executable, "-c", web]})
    until(lambda: pids(file), what="the worker starts")
    worker = pids(file)[0]
    os.kill(int(Path(f"/proc/{worker}/stat").read_text().rsplit(")", 1)[1].split()[1]), signal.SIGKILL)
    until(lambda: not is_alive(worker), what="the orphaned worker ends")
    until(lambda: len(pids(file)) == 2, what="web starts again")


def test_the_address_is_told_once_something_answers_there(start: Callable[..., Parent], tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    listener = f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); time.sleep(60)"
    parent = start({"web": [sys.executable, "-c", listener]}, ("127.0.0.1", port))
    assert parent.process.stdout is not None
    assert parent.process.stdout.readline() == "here it is\n"
    assert "here it is" not in parent.end()[1]


def test_a_child_that_keeps_dying_is_tried_ever_more_slowly_but_for_ever() -> None:
    pauses = [processes.pause_before(deaths) for deaths in range(1, 12)]
    assert pauses[:5] == [0, 0.5, 1, 2, 4]
    assert pauses[-1] == 30


def test_the_parent_loads_nothing_of_the_product(start: Callable[..., Parent], tmp_path: Path) -> None:
    parent = start({"web": sleeper(tmp_path / "web")})
    until(lambda: pids(tmp_path / "web"), what="web starts")
    status = Path(f"/proc/{parent.process.pid}/status").read_text()
    resident = int(status.split("VmRSS:")[1].split()[0])  # kB
    assert resident < 25_000
