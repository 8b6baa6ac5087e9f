"""The week of a team in a few lines: what it was paged, whose nights broke, what it owes, what to look at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain import zone as zones
from app.domain.phrase import counted

NIGHT = (22, 8)  # from ten in the evening to eight, by the clock of whoever is paged
MANY_PAGES = 3  # of one alert, before it is worth a look
MANY_NIGHTS = 2  # of one person
LOOKS = 3


@dataclass(frozen=True)
class Week:
    """What was counted for one team. `nights`: by person, how many were broken; `loudest`: title and pages."""

    pages: int
    pages_before: int
    nights: Mapping[str, int]
    open_actions: int
    late_actions: int
    unpublished: int
    loudest: tuple[str, int] | None

    @property
    def is_empty(self) -> bool:
        return not (self.pages or self.pages_before or self.open_actions or self.unpublished)


def week_before(at: datetime, zone: ZoneInfo) -> datetime:
    """Seven days ago by the clock on the wall, however long that is where clocks change in between."""
    return zones.instant(zones.wall_clock(at, zone) - timedelta(days=7), zone)


def night_of(at: datetime, zone: ZoneInfo) -> date | None:
    """The evening of the night in which this moment lies; None by day."""
    wall = zones.wall_clock(at, zone)
    if wall.hour >= NIGHT[0]:
        return wall.date()
    return wall.date() - timedelta(days=1) if wall.hour < NIGHT[1] else None


def broken_nights(paged: Iterable[tuple[str, datetime, ZoneInfo]]) -> dict[str, int]:
    """How many nights of each person had a page, the most first."""
    nights: dict[str, set[date]] = {}
    for name, at, zone in paged:
        if (night := night_of(at, zone)) is not None:
            nights.setdefault(name, set()).add(night)
    return {name: len(days) for name, days in sorted(nights.items(), key=lambda each: (-len(each[1]), each[0]))}


def counts(week: Week) -> str:
    """One line.

    >>> counts(Week(12, 9, {"Ada": 2, "Ben": 1}, 3, 1, 0, None))
    '12 pages (9 the week before), 3 nights broken, 3 open actions, 1 of them late'
    """
    nights = sum(week.nights.values())
    late = f", {week.late_actions} of them late" if week.late_actions else ""
    pages = f"{counted(week.pages, 'page')} ({week.pages_before} the week before)"
    return f"{pages}, {counted(nights, 'night')} broken, {counted(week.open_actions, 'open action')}{late}"


def looks(week: Week) -> Sequence[tuple[str, str]]:
    """What deserves a look, with where: at most three, people first."""
    found = [
        (f"{name} was paged in {nights} nights", "/trends/load")
        for name, nights in week.nights.items()
        if nights >= MANY_NIGHTS
    ][:1]
    if week.loudest is not None and week.loudest[1] >= MANY_PAGES:
        found.append((f"“{week.loudest[0]}” paged {week.loudest[1]} times", "/trends/recommendations"))
    if week.late_actions:
        found.append((f"{counted(week.late_actions, 'action')} late", "/action-items"))
    if week.unpublished:
        found.append((f"{counted(week.unpublished, 'postmortem')} not published yet", "/postmortems"))
    return found[:LOOKS]
