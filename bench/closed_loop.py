"""Requests over connections that stay open where the server lets them, at full speed or at a pace.

One asyncio loop, so that the sender takes little of the cores it shares with what it measures.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import quantiles
from urllib.parse import urlsplit

from bench.load import Load

Request = Callable[[int], bytes]


@dataclass(frozen=True)
class Answer:
    """What came back; `status` is 0 when nothing did. The names of `headers` are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def post(url: str, path: str, body: object, *, method: str = "POST", token: str | None = None) -> bytes:
    """One request with a JSON body, as it goes over the line."""
    return _request(url, method, path, json.dumps(body).encode(), token, {})


def get(url: str, path: str, *, token: str | None = None, headers: Mapping[str, str] | None = None) -> bytes:
    return _request(url, "GET", path, b"", token, headers or {})


def _request(
    url: str, method: str, path: str, body: bytes, token: str | None, more: Mapping[str, str]
) -> bytes:
    head = {"Host": urlsplit(url).netloc, "Accept": "application/json"} | dict(more)
    head |= {"Content-Type": "application/json", "Content-Length": str(len(body))} if body else {}
    head |= {"Authorization": f"Bearer {token}"} if token else {}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def full_speed(
    url: str, request: Request, *, connections: int, seconds: float, at_most: int | None = None
) -> Load:
    """As many as are answered in that time; `request(n)` makes the nth. No more than `at_most` of them."""
    return asyncio.run(_run(url, request, connections, seconds, None, at_most))


def paced(url: str, request: Request, *, per_second: float, seconds: float, connections: int = 8) -> Load:
    """One each 1/per_second; how long one took counts from when it was due, so that a stall counts for all."""
    return asyncio.run(_run(url, request, connections, seconds, per_second, int(per_second * seconds)))


async def _run(
    url: str, request: Request, connections: int, seconds: float, pace: float | None, at_most: int | None
) -> Load:
    begun = time.monotonic()
    turn = iter(range(at_most if at_most is not None else 10**9))
    took: list[float] = []
    failed: list[int] = []

    async def send() -> None:
        line = Line(url)
        for n in turn:
            due = time.monotonic() if pace is None else begun + n / pace
            if pace is None and due - begun >= seconds:
                break
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            status = (await line.ask(request(n))).status
            took.append(time.monotonic() - due)
            if not 200 <= status < 300:
                failed.append(status)
        line.close()

    await asyncio.gather(*[send() for _ in range(connections)])
    spent = time.monotonic() - begun
    if len(took) < 2:
        raise RuntimeError(f"{len(took)} requests in {spent:.0f} s say nothing")
    cuts = quantiles(took, n=100, method="inclusive")
    return Load(len(took), spent, cuts[49] * 1e3, cuts[98] * 1e3, len(failed))


class Line:
    """One connection, opened again when the other side closes it, as servers without keep-alive do."""

    def __init__(self, url: str) -> None:
        at = urlsplit(url)
        self._at = (at.hostname, at.port)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> Answer:
        try:
            if self._reader is None or self._writer is None:
                self._reader, self._writer = await asyncio.open_connection(*self._at)
            self._writer.write(request)
            head = await self._reader.readuntil(b"\r\n\r\n")
            first, _, rest = head.decode("latin-1").partition("\r\n")
            named = dict(_named(line) for line in rest.split("\r\n") if ":" in line)
            status = int(first.split()[1])
            body = b"" if status in (204, 304) else await self._body(self._reader, named)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            return Answer(0)
        if named.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, named, body)

    async def _body(self, reader: asyncio.StreamReader, named: Mapping[str, str]) -> bytes:
        if "content-length" in named:
            return await reader.readexactly(int(named["content-length"]))
        if named.get("transfer-encoding") != "chunked":
            return await reader.read()
        parts = []
        while size := int((await reader.readline()).split(b";")[0], 16):
            parts.append((await reader.readexactly(size + 2))[:-2])
        await reader.readline()
        return b"".join(parts)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


def _named(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()
