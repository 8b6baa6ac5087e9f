"""Many senders at once: `wrk` where it is installed, else our own, which is slower than what it measures."""

import http.client
import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit
from uuid import uuid4

CONNECTIONS = 16
SCRIPT = """
local run, count = "%(run)s", 0
request = function()
  count = count + 1
  local body = string.gsub('%(body)s', "KEY", run .. "-" .. count)
  return wrk.format("POST", "/v2/enqueue", {["Content-Type"] = "application/json"}, body)
end
done = function(summary, latency, requests)
  io.write(string.format("RESULT %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99)))
  io.write(string.format("ERRORS %%d\\n", summary.errors.status + summary.errors.read + summary.errors.timeout))
end
"""


@dataclass(frozen=True)
class Load:
    """What came back: answers in `seconds`, and how long one took. `failed` are not 2xx, or none at all."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    failed: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def program() -> str:
    return "wrk" if shutil.which("wrk") else "python"


def event(key: str, dedup_key: str) -> str:
    """A new alert in the words of Events API v2."""
    payload = {"summary": "Checkout errors at 14 %", "source": "web-1", "severity": "critical"}
    return json.dumps(
        {"routing_key": key, "event_action": "trigger", "dedup_key": dedup_key, "payload": payload}
    )


def new_alerts(url: str, key: str, *, seconds: float) -> Load:
    """Send as many new alerts as are answered in that time, over 16 connections that stay open."""
    return _wrk(url, key, seconds) if program() == "wrk" else _own(url, key, seconds)


def exactly(url: str, key: str, number: int) -> None:
    """Send this many new alerts. Raises RuntimeError when one is not taken."""
    run, left, refused = uuid4().hex[:8], iter(range(number)), []

    def send() -> None:
        connection = connect(url)
        for n in left:
            if _post(connection, event(key, f"{run}-{n}")) != 202:
                refused.append(n)

    at_once([send] * 8)
    if refused:
        raise RuntimeError(f"{len(refused)} of {number} alerts were refused")


def one(
    url: str, body: str, connection: http.client.HTTPConnection | None = None
) -> http.client.HTTPConnection:
    """Send one event; answers the connection, for the next. Raises RuntimeError when it is not taken."""
    connection = connection or connect(url)
    if (status := _post(connection, body)) != 202:
        raise RuntimeError(f"an alert was answered with {status}")
    return connection


def _wrk(url: str, key: str, seconds: float) -> Load:
    with TemporaryDirectory() as folder:
        script = Path(folder) / "new_alerts.lua"
        script.write_text(SCRIPT % {"run": uuid4().hex[:8], "body": event(key, "KEY")})
        command = [
            "wrk",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{seconds:g}s",
            "--timeout",
            "10s",
            "-s",
            str(script),
            url,
        ]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    result = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+)", said)
    errors = re.search(r"ERRORS (\d+)", said)
    if result is None or errors is None:
        raise RuntimeError(f"wrk said nothing of use:\n{said}")
    requests, duration, p50, p99 = (int(number) for number in result.groups())
    return Load(requests, duration / 1e6, p50 / 1e3, p99 / 1e3, int(errors.group(1)))


def _own(url: str, key: str, seconds: float) -> Load:
    run, until = uuid4().hex[:8], time.monotonic() + seconds
    took: list[float] = []
    failed: list[int] = []

    def send(sender: int) -> None:
        connection, n = connect(url), 0
        while (begun := time.monotonic()) < until:
            n += 1
            if _post(connection, event(key, f"{run}-{sender}-{n}")) != 202:
                failed.append(n)
            took.append(time.monotonic() - begun)

    begun = time.monotonic()
    at_once([lambda sender=sender: send(sender) for sender in range(CONNECTIONS)])
    took.sort()
    p50, p99 = (took[int(len(took) * share)] * 1e3 for share in (0.5, 0.99))
    return Load(len(took), time.monotonic() - begun, p50, p99, len(failed))


def at_once(work: list[Callable[[], None]]) -> None:
    """Do all of this, each on a thread of its own, to its end."""
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def connect(url: str) -> http.client.HTTPConnection:
    """A connection that stays open."""
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)


def _post(connection: http.client.HTTPConnection, body: str) -> int:
    connection.request("POST", "/v2/enqueue", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer.status
