"""The only clock: now, in UTC; and a steady one for how long something took.

On PostgreSQL the database's clock decides, on SQLite the host's, so that no two hosts ever compare their own
(INV-15). `app.create_app` wires the right source; tests put a fixed moment in its place.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def host() -> datetime:
    """This machine's clock."""
    return datetime.now(UTC)


def _steady() -> float:
    # a machine that was suspended must know that time went by, where the system can tell
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


_source: Callable[[], datetime] = host
_ticks: Callable[[], float] = _steady


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _source()


def ticks() -> float:
    """Seconds from no particular start, to tell how long something took. It asks nobody: the database's answer
    to `now` may have been late.
    """
    return _ticks()


def use(source: Callable[[], datetime]) -> None:
    """Read the time from `source` from here on."""
    global _source
    _source = source


@contextmanager
def fixed(source: datetime | Callable[[], datetime]) -> Iterator[None]:
    """Hold the clock at a moment, or let another clock drive it, until the block ends."""
    global _source, _ticks
    before = _source, _ticks
    _source = source if callable(source) else lambda: source
    _ticks = lambda: now().timestamp()  # noqa: E731
    try:
        yield
    finally:
        _source, _ticks = before
