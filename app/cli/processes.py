"""Several processes under one parent: what `nightbell up` becomes once everything is prepared.

Run by path, not as a module, so that the parent imports none of the product and stays at ten megabytes. It
starts each child in a process group of its own, starts one again that died, and stops all of them when told.

    python -I app/cli/processes.py FD      FD: an open file with one JSON object
    {"children": {name: [word, …]}, "address": [host, port] or null, "say": "printed once that address answers"}
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

LONGEST_PAUSE = 30.0  # seconds between two starts of a child that keeps dying
STEADY = 20.0  # seconds a child has to live for its deaths to be forgotten
GRACE = 20.0  # seconds to finish the item in hand before the end is forced
STOPPING = {signal.SIGTERM, signal.SIGINT}
PARENT_DEATH = 1  # prctl's PR_SET_PDEATHSIG


def pause_before(deaths: int) -> float:
    """Seconds to wait before the next start, after so many quick deaths in a row: 0, 0.5, 1, 2 … 30."""
    return 0.0 if deaths <= 1 else min(LONGEST_PAUSE, 0.125 * 2.0**deaths)


@dataclass
class Child:
    """A process that should be running, and what is known of it. Times are monotonic seconds."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started: float = 0.0
    start_at: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(self.command, start_new_session=True, preexec_fn=_as_a_child)

    def send(self, number: int) -> None:
        """Signal the child's whole group: a server's own workers end with it."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def notice_death(self) -> int | None:
        """Its exit code if it has ended since we looked, with the next start planned; None while it runs."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        self.send(signal.SIGKILL)  # what it left behind would hold the port or the engine's lock
        self.process = None
        now = time.monotonic()
        self.deaths = 1 if now - self.started >= STEADY else self.deaths + 1
        self.start_at = now + pause_before(self.deaths)
        return code


def supervise(children: list[Child], *, look: Callable[[], float], say: Callable[[str], None]) -> None:
    """Keep `children` running until SIGTERM or SIGINT, then stop them.

    `look` is called now and then; it answers after how many seconds it would like to be called again.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING | {signal.SIGCHLD})
    signal.signal(signal.SIGCHLD, lambda *_: None)  # left at its default it would be dropped, not kept for us
    while True:
        for child in children:
            if child.process is None and child.start_at <= time.monotonic():
                child.start()
        starts = [child.start_at - time.monotonic() for child in children if child.process is None]
        received = signal.sigtimedwait(STOPPING | {signal.SIGCHLD}, max(0.0, min([look(), *starts])))
        if received is not None and received.si_signo in STOPPING:
            break
        for child in children:
            code = child.notice_death()
            if code is not None:
                wait = child.start_at - time.monotonic()
                when = f"in {wait:.1f} s" if wait > 0 else "now"
                say(f"{child.name} ended ({_in_words(code)}), starting it again {when}")
    stop(children, say=say)


def stop(children: list[Child], *, say: Callable[[str], None]) -> None:
    """Ask all to finish and wait; after a while, or at a second signal, end them by force."""
    say("stopping")
    for child in children:
        child.send(signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while not all(child.has_ended() for child in children):
        left = deadline - time.monotonic()
        received = signal.sigtimedwait(STOPPING | {signal.SIGCHLD}, max(0.0, min(0.2, left)))
        if left <= 0 or (received is not None and received.si_signo in STOPPING):
            break
    for child in children:
        child.send(signal.SIGKILL)
        if child.process is not None:
            child.process.wait()


def once_answering(address: tuple[str, int] | None, act: Callable[[], None]) -> Callable[[], float]:
    """Something to look at: calls `act` the first time that connections are accepted at `address`."""
    waiting = address

    def look() -> float:
        nonlocal waiting
        if waiting is None:
            return 60.0
        try:
            socket.create_connection(waiting, timeout=0.2).close()
        except OSError:
            return 0.05
        waiting = None
        act()
        return 60.0

    return look


def _as_a_child() -> None:
    """Between fork and exec: take signals again, and end when the parent is killed."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGTERM, 0, 0, 0)


def _in_words(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _say(sentence: str) -> None:
    sys.stderr.write(f"nightbell: {sentence}\n")
    sys.stderr.flush()


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    with os.fdopen(int(sys.argv[1])) as file:
        plan = json.load(file)
    address = (str(plan["address"][0]), int(plan["address"][1])) if plan["address"] else None
    children = [Child(name, command) for name, command in plan["children"].items()]
    supervise(children, look=once_answering(address, lambda: _print(plan["say"])), say=_say)


if __name__ == "__main__":
    main()
