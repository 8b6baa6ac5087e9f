"""The hours of every day in which somebody sleeps or wants quiet, by the clock on their own wall."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain import zone


class NoSuchHours(ValueError):
    """What was typed is no such hours; the message says why."""


@dataclass(frozen=True)
class DailyHours:
    """From `start` to `end` each day; an end before the start is on the next day."""

    start: time
    end: time

    def holds(self, moment: datetime, where: ZoneInfo) -> bool:
        """Whether it is one of these hours at `moment`, for a person in this zone."""
        now = zone.wall_clock(moment, where).time()
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end

    def over_at(self, moment: datetime, where: ZoneInfo) -> datetime:
        """When the hours that hold at `moment` end: the next moment at which the wall shows `end`."""
        wall = zone.wall_clock(moment, where)
        ends = datetime.combine(wall.date(), self.end)
        found = zone.instant(ends, where)
        return found if found > moment else zone.instant(ends + timedelta(days=1), where)

    def kept(self) -> dict[str, str]:
        """As a row keeps it."""
        return {"from": f"{self.start:%H:%M}", "until": f"{self.end:%H:%M}"}

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M}"


def read(start: str, end: str) -> DailyHours | None:
    """Two times as a form gives them, such as "22:00"; None where both are empty. Raises NoSuchHours."""
    start, end = start.strip(), end.strip()
    if not start and not end:
        return None
    try:
        hours = DailyHours(time.fromisoformat(start), time.fromisoformat(end))
    except ValueError:
        raise NoSuchHours("Two times, as 22:00 and 07:00; or both empty.") from None
    if hours.start.tzinfo or hours.end.tzinfo:
        raise NoSuchHours("Two times, as 22:00 and 07:00; or both empty.")
    if hours.start == hours.end:
        raise NoSuchHours("These would be all day. Let them end at another time.")
    return hours


def of_row(kept: dict[str, str] | None) -> DailyHours | None:
    """The hours that a row keeps."""
    return None if kept is None else read(kept["from"], kept["until"])
