"""The Debian Alertmanager, real, on loopback, pointed at one of our integrations."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.waiting import until

CONFIG = """
route:
  receiver: nightbell
  group_by: [alertname]
  group_wait: 1s
  group_interval: 2s
  repeat_interval: 1h
receivers:
  - name: nightbell
    webhook_configs:
      - url: {url}
"""


@dataclass(frozen=True)
class Alertmanager:
    """Tell it that an alert fires, or that it is over."""

    url: str

    def fire(self, name: str, summary: str, **labels: str) -> None:
        self._post(name, summary, labels, ends_at=None)

    def resolve(self, name: str, summary: str, **labels: str) -> None:
        self._post(name, summary, labels, ends_at=datetime.now(UTC) - timedelta(seconds=1))

    def _post(self, name: str, summary: str, labels: dict[str, str], *, ends_at: datetime | None) -> None:
        alert: dict[str, Any] = {"labels": {"alertname": name, **labels}, "annotations": {"summary": summary}}
        alert["startsAt"] = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
        if ends_at is not None:
            alert["endsAt"] = ends_at.isoformat()
        answer = requests.post(f"{self.url}/api/v2/alerts", json=[alert], timeout=10)
        assert answer.status_code == 200, answer.text


@contextmanager
def alertmanager(directory: Path, *, webhook_url: str) -> Iterator[Alertmanager]:
    """Run it until the block ends. Skips, or fails in CI, where Debian's package is not installed."""
    program = shutil.which("prometheus-alertmanager")
    if program is None:
        missing = "prometheus-alertmanager is not installed (Debian: apt install prometheus-alertmanager)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    config = directory / "alertmanager.yml"
    config.write_text(CONFIG.format(url=webhook_url))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with (directory / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={config}",
                f"--storage.path={directory / 'alertmanager'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--cluster.listen-address=",
            ],
            stdout=log,
            stderr=log,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _is_ready(url), within=20, what="Alertmanager answers")
        yield Alertmanager(url)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/-/ready", timeout=1).ok
    except requests.ConnectionError:
        return False
