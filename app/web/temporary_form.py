"""Temporary schedules (R4) in the form of a schedule: other people from one hour to another, in turns.

One that a program made with several layers, or with hours of its own, keeps them: the form changes only its
name and when it counts.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from app.web.turns_form import MOST, TurnRow, count, number_or_text, read_turns, turn_of

Fields = MultiDict[str, str]
WEEK = timedelta(days=7)


@dataclass
class TemporaryRow:
    """`start` and `end` by the schedule's wall clock; `kept` are layers that this form does not show."""

    name: str
    start: str
    end: str
    holes_are_intended: bool = False
    turns: list[TurnRow] = field(default_factory=list)
    length: str = "1"
    unit: str = "day"
    kept: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As the parser of temporary schedules takes it."""
        return {
            "name": self.name,
            "start": self.start,
            "end": self.end,
            "holes_are_intended": self.holes_are_intended,
            "layers": self.kept or self._layers(),
        }

    def _layers(self) -> list[dict[str, Any]]:
        people = [turn.people() for turn in self.turns if turn.people()]
        if not people:
            return []  # nobody, or whoever it would be anyway
        turning = {
            "unit": self.unit, "length": number_or_text(self.length), "start": self.start,
            "participants": people,
        }  # fmt: skip
        return [{"name": self.name, "priority": 0, "rotation": turning}]


def of_json(row: dict[str, Any]) -> TemporaryRow:
    """The row that shows a temporary schedule as it is."""
    shown = TemporaryRow(
        row["name"], row["start"][:16], row["end"][:16], bool(row.get("holes_are_intended", False))
    )
    layers = row["layers"]
    if len(layers) == 1 and _is_plain(layers[0], row["start"]):
        rotation = layers[0]["rotation"]
        shown.length, shown.unit = str(rotation["length"]), rotation["unit"]
        shown.turns = [turn_of([str(person) for person in people]) for people in rotation["participants"]]
    else:
        shown.kept = layers
    return shown


def read(fields: Fields) -> list[TemporaryRow]:
    """Those that a form sends."""
    return [_read(fields, f"temporary-{number}") for number in range(count(fields.get("temporary")))]


def press(rows: list[TemporaryRow], name: str, places: list[int], *, start: str) -> None:
    """Do what a button of the form says: `add-temporary`, `remove-temporary` 0, `add-person` 0,
    `remove-person` 0 1. What it does not know it ignores.
    """
    if name == "add-temporary" and len(rows) < MOST:
        end = (datetime.fromisoformat(start) + WEEK).isoformat(timespec="minutes")
        rows.append(TemporaryRow("Temporary", start, end, turns=[TurnRow()]))
        return
    if not places or places[0] >= len(rows):
        return
    row, place = rows[places[0]], places[1] if len(places) > 1 else None
    if name == "remove-temporary":
        del rows[places[0]]
    elif name == "add-person" and len(row.turns) < MOST:
        row.turns.append(TurnRow())
    elif name == "remove-person" and place is not None and place < len(row.turns):
        del row.turns[place]


def field_of(parts: list[str]) -> str:
    """The field that the parts of a JSON pointer below /temporary are about."""
    if not parts:
        return "temporary"
    prefix, rest = f"temporary-{parts[0]}", parts[1:]
    if rest[:1] != ["layers"]:
        return f"{prefix}-{rest[0] if rest else 'name'}"
    return f"{prefix}-length" if rest[-1] in ("length", "unit") else f"{prefix}-primary"


def _is_plain(layer: dict[str, Any], start: str) -> bool:
    usual = not layer.get("restrictions") and layer.get("time_zone") is None
    return usual and layer["rotation"]["start"][:16] == start[:16]


def _read(fields: Fields, prefix: str) -> TemporaryRow:
    return TemporaryRow(
        fields.get(f"{prefix}-name", "").strip(),
        fields.get(f"{prefix}-start", ""),
        fields.get(f"{prefix}-end", ""),
        f"{prefix}-holes" in fields,
        read_turns(fields, prefix),
        fields.get(f"{prefix}-length", ""),
        fields.get(f"{prefix}-unit", ""),
        _layers(fields.get(f"{prefix}-kept")),
    )


def _layers(text: str | None) -> list[dict[str, Any]]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return found if isinstance(found, list) else []
