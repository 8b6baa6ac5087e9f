"""Nightbell as a newcomer starts it: `nightbell up` on an empty directory, web and engine, on a free port."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.waiting import until

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Installation:
    """Where it is, and the link it printed for the first administrator."""

    base_url: str
    first_run_link: str
    environ: dict[str, str]  # what its other commands want to find


@contextmanager
def installation(directory: Path, *, demo: bool = False, host: str = "127.0.0.1") -> Iterator[Installation]:
    """Run it in `directory` until the block ends; push services on loopback are allowed.

    With `demo` it has the made-up organisation in it, whose administrator exists: there is no first-run link.
    `host` is the name it is called by: for passkeys browsers want `localhost`, not its address.
    """
    directory.mkdir(exist_ok=True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    said, complaints = directory / "said.txt", directory / "complaints.txt"
    environ = os.environ | {
        "NIGHTBELL_INSTANCE_DIR": str(directory / "instance"),
        "NIGHTBELL_VAPID_SUBJECT": "mailto:oncall@nightbell.example",
        "NIGHTBELL_PUSH_HOSTS": "127.0.0.1",
        "NIGHTBELL_BASE_URL": f"http://{host}:{port}",
        "PYTHONUNBUFFERED": "1",
    }
    with said.open("w") as output, complaints.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "up", "--port", str(port), *(["--demo"] if demo else [])],
            cwd=ROOT, env=environ, stdout=output, stderr=errors, start_new_session=True,
        )  # fmt: skip
    try:
        link = until(
            lambda: re.search(r"Sign in as" if demo else r"http\S+/welcome/\S+", said.read_text()),
            within=60, every=0.1, what=lambda: f"a link: {said.read_text()}{complaints.read_text()}",
        )  # fmt: skip
        assert link is not None
        yield Installation(f"http://{host}:{port}", link.group(), environ)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
