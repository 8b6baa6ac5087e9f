"""Rows that hold from one moment to another, for asking at any moment which of them do."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

_EVER = datetime.min.replace(tzinfo=UTC)


class Spanning(Protocol):
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...


Row = TypeVar("Row", bound=Spanning)


class OverTime(Generic[Row]):
    """Rows by the moments at which the set of running ones changes, for asking at any moment quickly."""

    def __init__(self, rows: Iterable[Row], sorted_by: Callable[[Row], tuple[object, ...]]) -> None:
        ordered = sorted((row for row in rows if row.start < row.end), key=sorted_by)
        starts: dict[datetime, set[int]] = {}
        ends: dict[datetime, set[int]] = {}
        for number, row in enumerate(ordered):
            starts.setdefault(row.start, set()).add(number)
            ends.setdefault(row.end, set()).add(number)
        self._edges = sorted(starts.keys() | ends.keys())
        self._running: list[tuple[Row, ...]] = [()]
        running: set[int] = set()
        for edge in self._edges:
            running = (running - ends.get(edge, set())) | starts.get(edge, set())
            self._running.append(tuple(ordered[number] for number in sorted(running)))

    def since(self, moment: datetime) -> datetime:
        """The last moment up to this one at which the set changed."""
        place = bisect_right(self._edges, moment)
        return self._edges[place - 1] if place else _EVER

    def at(self, moment: datetime) -> tuple[tuple[Row, ...], datetime | None]:
        """The rows running at `moment`, in their order, and when that changes (None: never again)."""
        place = bisect_right(self._edges, moment)
        return self._running[place], self._edges[place] if place < len(self._edges) else None
