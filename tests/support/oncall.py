"""Plain factories for schedules as values: Ana, Bo and Cy take turns, Di and Ed are further down."""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Any

from app.domain.hours import Restriction
from app.domain.layer import Layer
from app.domain.rotation import Rotation, Unit
from app.domain.schedule import Override, ScheduleConfig, TimeOff
from app.domain.words import ChangeKind

ANA, BO, CY, DI, ED = 1, 2, 3, 4, 5
EVERYBODY = frozenset({ANA, BO, CY, DI, ED})
WHOLE_WEEK = frozenset(range(7))
WORKDAYS = frozenset(range(5))


def utc(text: str) -> datetime:
    """A moment in UTC: utc("2026-03-02 15:00")."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    """A naive wall clock: wall("2026-03-02 09:00")."""
    return datetime.fromisoformat(text)


def rotation(start: str, *sets: tuple[int, ...] | int, unit: Unit = Unit.WEEK, length: int = 1) -> Rotation:
    people = tuple(each if isinstance(each, tuple) else (each,) for each in sets)
    return Rotation(unit, length, wall(start), people)


def hours(start: str, end: str, weekdays: Iterable[int] = WHOLE_WEEK) -> Restriction:
    return Restriction(frozenset(weekdays), time.fromisoformat(start), time.fromisoformat(end))


def always(*people: int, priority: int = 0, name: str = "base") -> Layer:
    """A layer on which the same set is on call all the time: first the primary, then backups."""
    return Layer(name, priority, rotation("2020-01-06 00:00", people))


def override(
    id: int,
    start: str,
    end: str,
    user_id: int | None,
    replaces: int | None,
    *,
    took_effect: str = "",
    kind: ChangeKind = ChangeKind.OVERRIDE,
) -> Override:
    """Later ids took effect later, unless told otherwise."""
    effect = utc(took_effect) if took_effect else utc(f"2026-01-01 00:{id:02}")
    return Override(id, utc(start), utc(end), user_id, replaces, effect, kind)


def time_off(user_id: int, start: str, end: str) -> TimeOff:
    return TimeOff(user_id, utc(start), utc(end))


def schedule(*layers: Layer, zone: str = "America/Chicago", **changes: Any) -> ScheduleConfig:
    columns: dict[str, Any] = {"overrides": (), "time_off": (), "active_users": EVERYBODY}
    return ScheduleConfig(1, "Payments primary", zone, layers, **(columns | changes))


def layer_json(start: str, participants: list[list[int]], **changes: Any) -> dict[str, Any]:
    """A weekly layer as the API takes it."""
    turns = {"unit": "week", "length": 1, "start": start, "participants": participants}
    return {"name": "Weekly", "priority": 1, "rotation": turns} | changes
