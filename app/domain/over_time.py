"""Rows that hold from one moment to another, for asking at any moment which of them do."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

EVER = datetime.min.replace(tzinfo=UTC)


def sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two moments, where None is never."""
    if one is None or other is None:
        return one or other
    return min(one, other)


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

    def at(self, moment: datetime) -> tuple[tuple[Row, ...], datetime, datetime | None]:
        """The rows running at `moment`, in their order, since when it is these, and when that changes (None:
        never again).
        """
        edges = self._edges
        if not edges:
            return (), EVER, None
        place = bisect_right(edges, moment)
        since = edges[place - 1] if place else EVER
        return self._running[place], since, edges[place] if place < len(edges) else None


class Said(Protocol):
    @property
    def until(self) -> datetime | None: ...


Saying = TypeVar("Saying", bound=Said)


class Remembered(Generic[Saying]):
    """What was said of time, each from a moment until its own `until`, so that it is worked out once whatever
    the order of the questions.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._since: list[datetime] = []
        self._said: list[Saying] = []

    def at(self, moment: datetime) -> Saying | None:
        """What holds at `moment`; None when that was not worked out yet."""
        since = self._since
        if not since:
            return None
        place = len(since) if since[-1] <= moment else bisect_right(since, moment)
        if place:
            said = self._said[place - 1]
            if said.until is None or moment < said.until:
                return said
        return None

    def keep(self, since: datetime, said: Saying) -> None:
        """Remember what holds from `since` on. When there is too much of it all is forgotten, and it starts
        again.
        """
        if len(self._since) >= self._most:
            self._since.clear()
            self._said.clear()
        if not self._since or self._since[-1] <= since:  # as whoever walks forward asks
            self._since.append(since)
            self._said.append(said)
            return
        place = bisect_right(self._since, since)
        self._since.insert(place, since)
        self._said.insert(place, said)
