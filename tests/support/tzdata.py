"""Time zone files as the makers of tzdata publish them, so that a test can have two versions of one zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from struct import pack
from zoneinfo import TZPATH, ZoneInfo, reset_tzpath

from app.domain import zone
from tests.support.oncall import utc


def tzif(*changes: tuple[str, int]) -> BytesIO:
    """A zone file: UTC until the first moment, then each offset in hours."""
    times = [int(utc(at).timestamp()) for at, _ in changes]
    kinds = [(0, b"UTC"), *((offset, b"NEW") for _, offset in changes)]
    head = b"TZif2" + bytes(15)
    counts = pack(">6l", 0, 0, 0, len(times), len(kinds), 8)
    body = b"".join(pack(">q", at) for at in times) + bytes(range(1, len(times) + 1))
    body += (
        b"".join(pack(">lbb", hours * 3600, 0, 0 if hours == 0 else 4) for hours, _ in kinds) + b"UTC\0NEW\0"
    )
    empty = head + pack(">6l", 0, 0, 0, 0, 1, 1) + pack(">lbb", 0, 0, 0) + b"\0"
    return BytesIO(empty + head + counts + body + b"\n\n")


@contextmanager
def published(directory: Path, name: str, *changes: tuple[str, int]) -> Iterator[None]:
    """While this lasts the machine has another tzdata, in which the zone `name` changes its clocks so."""
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(tzif(*changes).read())
    before = TZPATH
    _use((str(directory), *before))
    try:
        yield
    finally:
        _use(before)


def _use(paths: tuple[str, ...]) -> None:
    """As a process that starts anew reads zones: from these places, and with none in mind."""
    reset_tzpath(to=paths)
    ZoneInfo.clear_cache()
    zone.named.cache_clear()
