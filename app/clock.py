"""The only clock: now, in UTC.

On PostgreSQL the database's clock decides, on SQLite the host's, so that no two hosts ever compare their own
(INV-15). `app.create_app` wires the right source; tests put a fixed moment in its place.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def host() -> datetime:
    """This machine's clock."""
    return datetime.now(UTC)


_source: Callable[[], datetime] = host


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _source()


def use(source: Callable[[], datetime]) -> None:
    """Read the time from `source` from here on."""
    global _source
    _source = source


@contextmanager
def fixed(source: datetime | Callable[[], datetime]) -> Iterator[None]:
    """Hold the clock at a moment, or let another clock drive it, until the block ends."""
    global _source
    before = _source
    _source = source if callable(source) else lambda: source
    try:
        yield
    finally:
        _source = before
