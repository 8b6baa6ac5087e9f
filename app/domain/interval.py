"""Stretches of time, half-open: the start belongs to one, the end to the next.

Two shifts that meet at 09:00 share no moment: at 09:00:00 only the incoming person has it (R2). Moments are
aware and in UTC; comparing or subtracting two local ones would forget that clocks change (R11).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """[start, end), never empty. Raises ValueError when the end is not after the start."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError(f"an interval ends after it starts: {self.start} … {self.end}")

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    @property
    def length(self) -> timedelta:
        """The real time that passes, also over a night with 23 or 25 hours."""
        return self.end - self.start

    def overlap(self, other: "Interval") -> "Interval | None":
        """What both cover; None when they only touch or lie apart."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Interval(start, end) if start < end else None


def merge(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same moments in as few stretches as possible, in order; those that touch become one."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if merged and interval.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, interval.end))
        else:
            merged.append(interval)
    return tuple(merged)


def subtract(whole: Iterable[Interval], taken: Iterable[Interval]) -> tuple[Interval, ...]:
    """What of `whole` no stretch of `taken` covers, in order."""
    left: list[Interval] = []
    cuts = merge(taken)
    for interval in merge(whole):
        start = interval.start
        for cut in cuts:
            if cut.end <= start:
                continue
            if cut.start >= interval.end:
                break
            if start < cut.start:
                left.append(Interval(start, cut.start))
            start = cut.end
        if start < interval.end:
            left.append(Interval(start, interval.end))
    return tuple(left)


def to_the_minute(moment: datetime) -> datetime:
    """The minute that `moment` is in, in UTC: schedules know no seconds (R2). Raises ValueError for a naive
    one.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs its zone: {moment}")
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
