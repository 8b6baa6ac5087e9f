"""Layers of a schedule, between the JSON that people and programs write and what the resolver reads.

{"name": "Nights", "priority": 2, "rotation": {"unit": "week", "length": 1, "start": "2026-03-02T09:00",
"participants": [["7", "9"], ["9", "7"]]}, "restrictions": [{"weekdays": ["mon", "tue"], "start": "18:00",
"end": "09:00"}]}

A rotation with the unit "business_day" may name its "holidays": ["2026-12-25"].
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

from app.domain import zone
from app.domain.hours import Restriction
from app.domain.invalid import Faults
from app.domain.layer import Layer
from app.domain.rotation import Rotation, Unit

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_LAYERS, MOST_SETS, MOST_IN_A_SET, MOST_RESTRICTIONS = 50, 200, 20, 50
MOST_HOLIDAYS = 400
LONGEST = 1000  # units: keeps every handoff within the years that datetime knows
_FRIDAY = 4
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_WRITTEN = re.compile(r"(?P<wall>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(:00)?(?P<offset>Z|[+-].*)?")

# Stand in for what is faulty, so that reading goes on and finds the other faults; never leave this file.
_SOME_TIME = datetime(2000, 1, 1)  # noqa: DTZ001 - a wall clock has no zone of its own
_NO_ROTATION = Rotation(Unit.WEEK, 1, _SOME_TIME, ())


def parse_layers(json: object) -> tuple[Layer, ...]:
    """The layers that `json`, a decoded list, describes. Raises InvalidField with pointers that begin at
    /layers.

    Left out, a name is "Layer 1" and so on, a priority 0, a length 1, restrictions none. Whether the people
    exist is not asked here.
    """
    faults = Faults()
    layers = read_layers(json, "/layers", faults)
    faults.stop_if_any()
    return layers


def read_layers(json: object, pointer: str, faults: Faults) -> tuple[Layer, ...]:
    """The layers at a place of a larger document; `faults` takes what is wrong with them."""
    rows = faults.sequence(json, pointer, at_most=MOST_LAYERS)
    return tuple(_layer(row, f"{pointer}/{number}", number, faults) for number, row in enumerate(rows))


def layers_to_json(layers: Iterable[Layer]) -> list[dict[str, Any]]:
    """The JSON that parses to these layers, in its full form."""
    return [
        {
            "name": layer.name,
            "priority": layer.priority,
            "rotation": {
                "unit": str(layer.rotation.unit),
                "length": layer.rotation.length,
                "start": layer.rotation.start.isoformat(timespec="minutes"),
                "participants": [[str(user) for user in people] for people in layer.rotation.participants],
            }
            | _holidays_to_json(layer.rotation),
            "restrictions": [restriction_to_json(restriction) for restriction in layer.restrictions],
        }
        | ({"time_zone": layer.time_zone} if layer.time_zone else {})
        for layer in layers
    ]


def _holidays_to_json(rotation: Rotation) -> dict[str, Any]:
    days = [day.isoformat() for day in sorted(rotation.holidays)]
    return {"holidays": days} if days else {}


def restriction_to_json(restriction: Restriction) -> dict[str, Any]:
    return {
        "weekdays": [WEEKDAYS[day] for day in sorted(restriction.weekdays)],
        "start": restriction.start.isoformat(timespec="minutes"),
        "end": restriction.end.isoformat(timespec="minutes"),
    }


def people_in(layers: Iterable[Layer], pointer: str = "/layers") -> Iterator[tuple[str, int]]:
    """Everyone the layers name, each with the JSON pointer to where."""
    for number, layer in enumerate(layers):
        for turn, people in enumerate(layer.rotation.participants):
            for place, user_id in enumerate(people):
                yield f"{pointer}/{number}/rotation/participants/{turn}/{place}", user_id


def _layer(json: object, pointer: str, number: int, faults: Faults) -> Layer:
    row = faults.mapping(json, pointer, ("name", "priority", "rotation", "restrictions", "time_zone"))
    if row is None:
        return Layer("", 0, _NO_ROTATION)
    name = faults.name(row.get("name", f"Layer {number + 1}"), f"{pointer}/name")
    restrictions = faults.sequence(
        row.get("restrictions", []), f"{pointer}/restrictions", at_most=MOST_RESTRICTIONS
    )
    return Layer(
        name,
        faults.whole_number(row.get("priority", 0), f"{pointer}/priority", -1000, 1000),
        _rotation(row.get("rotation"), f"{pointer}/rotation", faults),
        tuple(
            read_restriction(held, f"{pointer}/restrictions/{place}", faults)
            for place, held in enumerate(restrictions)
        ),
        _own_zone(row.get("time_zone"), f"{pointer}/time_zone", faults),
    )


def _own_zone(json: object, pointer: str, faults: Faults) -> str | None:
    if json is None:
        return None
    try:
        zone.named(str(json))
    except zone.UnknownZone as unknown:
        faults.add(pointer, str(unknown))
        return None
    return str(json)


def _rotation(json: object, pointer: str, faults: Faults) -> Rotation:
    row = faults.mapping(json, pointer, ("unit", "length", "start", "participants", "holidays"))
    if row is None:
        return _NO_ROTATION
    unit = row.get("unit")
    if not isinstance(unit, str) or unit not in list(Unit):
        faults.add(f"{pointer}/unit", f"must be one of {', '.join(Unit)}")
        unit = Unit.WEEK
    sets = faults.sequence(row.get("participants"), f"{pointer}/participants", at_least=1, at_most=MOST_SETS)
    start = wall_clock(row.get("start"), f"{pointer}/start", faults)
    if unit == Unit.BUSINESS_DAY and start.weekday() > _FRIDAY:
        faults.add(f"{pointer}/start", "must be a day from Monday to Friday, as the rotation counts only those")
    return Rotation(
        Unit(unit),
        faults.whole_number(row.get("length", 1), f"{pointer}/length", 1, LONGEST),
        start,
        tuple(_people(held, f"{pointer}/participants/{place}", faults) for place, held in enumerate(sets)),
        _holidays(row.get("holidays", []), unit, f"{pointer}/holidays", faults),
    )


def _holidays(json: object, unit: str, pointer: str, faults: Faults) -> frozenset[date]:
    written = faults.sequence(json, pointer, at_most=MOST_HOLIDAYS)
    if written and unit != Unit.BUSINESS_DAY:
        faults.add(pointer, "are left out by rotations of business days only")
    days = set()
    for place, day in enumerate(written):
        try:
            days.add(datetime.strptime(str(day), "%Y-%m-%d").date())  # noqa: DTZ007 - a day has no zone
        except ValueError:
            faults.add(f"{pointer}/{place}", f"“{str(day)[:40]}” is no day; one reads like 2026-12-25")
    return frozenset(days)


def _people(json: object, pointer: str, faults: Faults) -> tuple[int, ...]:
    ids = faults.sequence(json, pointer, at_least=1, at_most=MOST_IN_A_SET)
    people = tuple(faults.id(held, f"{pointer}/{place}") for place, held in enumerate(ids))
    for place, user_id in enumerate(people):
        if user_id and user_id in people[:place]:
            faults.add(f"{pointer}/{place}", "is in this set already")
    return people


def wall_clock(json: object, pointer: str, faults: Faults) -> datetime:
    """A time on the schedule's own clock; `faults` takes what is wrong with it."""
    fault = "must be a time on the schedule’s own clock to the minute, as 2026-03-02T09:00"
    written = _WRITTEN.fullmatch(json) if isinstance(json, str) else None
    try:
        wall = datetime.fromisoformat(written["wall"]) if written else _SOME_TIME
    except ValueError:
        written = None
    if not written:
        faults.add(pointer, fault)
        return _SOME_TIME
    if written["offset"]:
        faults.add(pointer, f"{fault}: without Z or offset, as the schedule’s time zone decides")
        return _SOME_TIME
    if not _FIRST_YEAR <= wall.year <= _LAST_YEAR:
        faults.add(pointer, f"must lie between the years {_FIRST_YEAR} and {_LAST_YEAR}")
        return _SOME_TIME
    return wall


def read_restriction(json: object, pointer: str, faults: Faults) -> Restriction:
    """The hours that one decoded object describes; `faults` takes what is wrong with it."""
    row = faults.mapping(json, pointer, ("weekdays", "start", "end"))
    if row is None:
        return Restriction(frozenset(), time(), time())
    names = faults.sequence(row.get("weekdays"), f"{pointer}/weekdays", at_least=1, at_most=len(WEEKDAYS))
    weekdays = set()
    for place, name in enumerate(names):
        if name in WEEKDAYS:
            weekdays.add(WEEKDAYS.index(str(name)))
        else:
            faults.add(f"{pointer}/weekdays/{place}", f"must be one of {', '.join(WEEKDAYS)}")
    return Restriction(
        frozenset(weekdays),
        _time_of_day(row.get("start"), f"{pointer}/start", faults),
        _time_of_day(row.get("end"), f"{pointer}/end", faults),
    )


def _time_of_day(json: object, pointer: str, faults: Faults) -> time:
    try:
        if isinstance(json, str) and len(json) == len("09:00") and json[2] == ":":
            return time.fromisoformat(json)
    except ValueError:
        pass
    faults.add(pointer, "must be a time of day from 00:00 to 23:59")
    return time()
