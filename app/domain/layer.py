"""One layer of a schedule: a rotation, the hours it answers in, and what it says at a moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.domain import seats, zone
from app.domain.hours import Restriction, WeeklyHours
from app.domain.interval import Interval
from app.domain.rotation import Rotation, Turn
from app.domain.seats import Place


@dataclass(frozen=True)
class Layer:
    """A rotation that answers in its hours (always, without restrictions). Higher `priority` answers first.

    `time_zone`: whose clock its handoffs and hours keep; the schedule's, unless it has its own. `temporary`: in
    which temporary schedule it answers, as the schedule writes it in for the reasons to tell.
    """

    name: str
    priority: int
    rotation: Rotation
    restrictions: tuple[Restriction, ...] = ()
    time_zone: str | None = None
    temporary: str | None = None

    @cached_property
    def hours(self) -> WeeklyHours | None:
        """The restrictions as a weekly pattern; None when it is always open."""
        hours = WeeklyHours(self.restrictions) if self.restrictions else None
        return None if hours is None or hours.always else hours

    def at(self, moment: datetime, tz: ZoneInfo) -> "Stretch":
        """What this layer says around `moment`, and for how long it says so."""
        wall = zone.position(moment, tz)
        number = self.rotation.number_at(wall)
        if number is None:
            begins = zone.instant(self.rotation.handoff(0), tz)
            return Stretch(moment, begins if begins > moment else None, None)
        if self.hours is None:
            turn = self.rotation.turn(number, tz)
            return Stretch(turn.start, turn.end, turn, tuple(seats.places(self, turn)))
        opened = self.hours.open_around(wall)
        if opened is None:
            closed, opens = (zone.instant(end, tz) for end in self.hours.closed_around(wall))
            return Stretch(closed, opens, None)
        turn = self.rotation.turn(number, tz)
        hours = Interval(zone.instant(opened[0], tz), zone.instant(opened[1], tz))
        places = tuple(seats.places(self, turn, hours))
        return Stretch(max(hours.start, turn.start), min(hours.end, turn.end), turn, places)


class Stretch(NamedTuple):
    """One layer's say from `start` to `until` (None: for good): a turn and its `places`, or nobody."""

    start: datetime
    until: datetime | None
    turn: Turn | None
    places: tuple[Place, ...] = ()


Levels = tuple[tuple[Layer, ...], ...]


def levels_of(layers: Iterable[Layer]) -> Levels:
    """Layers of the same priority together, highest first."""
    by_priority: dict[int, list[Layer]] = {}
    for layer in sorted(layers, key=_sorted_by):
        by_priority.setdefault(layer.priority, []).append(layer)
    return tuple(tuple(level) for _, level in sorted(by_priority.items(), reverse=True))


def _sorted_by(layer: Layer) -> tuple[object, ...]:
    rotation = layer.rotation
    restrictions = sorted((sorted(each.weekdays), each.start, each.end) for each in layer.restrictions)
    turns = rotation.unit, rotation.length, rotation.start, rotation.participants, sorted(rotation.holidays)
    return layer.name, *turns, restrictions, layer.time_zone or ""
