"""Temporary schedules, between the JSON that people and programs write and what the resolver reads.

{"name": "Christmas", "start": "2026-12-24T09:00", "end": "2027-01-02T09:00", "holes_are_intended": false,
"layers": [...]}
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from app.domain.invalid import Faults
from app.domain.layers import layers_to_json, people_in, read_layers, wall_clock
from app.domain.schedule import Temporary

MOST = 50


def parse_temporary(json: object) -> tuple[Temporary, ...]:
    """The temporary schedules of a decoded list, earliest first. Raises InvalidField with pointers that begin
    at /temporary. Two may meet, but not overlap.
    """
    faults = Faults()
    rows = faults.sequence(json, "/temporary", at_most=MOST)
    read = [_temporary(row, f"/temporary/{number}", faults) for number, row in enumerate(rows)]
    faults.stop_if_any()
    placed = sorted(enumerate(read), key=lambda each: each[1].start)
    for (_, before), (number, after) in pairwise(placed):
        if after.start < before.end:
            faults.add(f"/temporary/{number}/start", f"lies in {before.name}, which ends later")
    faults.stop_if_any()
    return tuple(each for _, each in placed)


def temporary_to_json(temporary: Iterable[Temporary]) -> list[dict[str, Any]]:
    """The JSON that parses to these, in its full form."""
    return [
        {
            "name": each.name,
            "start": each.start.isoformat(timespec="minutes"),
            "end": each.end.isoformat(timespec="minutes"),
            "layers": layers_to_json(each.layers),
            "holes_are_intended": each.holes_are_intended,
        }
        for each in temporary
    ]


def people_in_temporary(temporary: Iterable[Temporary]) -> Iterator[tuple[str, int]]:
    """Everyone they name, each with the JSON pointer to where."""
    for number, each in enumerate(temporary):
        yield from people_in(each.layers, f"/temporary/{number}/layers")


def _temporary(json: object, pointer: str, faults: Faults) -> Temporary:
    row = faults.mapping(json, pointer, ("name", "start", "end", "layers", "holes_are_intended")) or {}
    intended = row.get("holes_are_intended", False)
    if not isinstance(intended, bool):
        faults.add(f"{pointer}/holes_are_intended", "must be true or false")
    read = Temporary(
        faults.name(row.get("name", "Temporary"), f"{pointer}/name"),
        wall_clock(row.get("start"), f"{pointer}/start", faults),
        wall_clock(row.get("end"), f"{pointer}/end", faults),
        read_layers(row.get("layers", []), f"{pointer}/layers", faults),
        intended is True,
    )
    if read.end <= read.start and row:
        faults.add(f"{pointer}/end", "must be after the start")
    return read
