"""A schedule as a form: layers read from its fields and written back, buttons that add, remove and move.

The draft lives in the form alone: each press sends all of it, so that it works without a script, and nothing is
kept until somebody publishes. What the form does not show of a layer comes along untouched.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from app.domain.claims import requirements_to_json
from app.domain.layers import layers_to_json
from app.domain.templates import Template
from app.web import temporary_form
from app.web.temporary_form import TemporaryRow
from app.web.turns_form import MOST, TurnRow, count, number_or_text, read_turns, turn_of

UNITS = (
    ("hour", "hours"), ("day", "days"), ("business_day", "business days"), ("week", "weeks"),
    ("month", "months"),
)  # fmt: skip
WEEKDAYS = (
    ("mon", "Mon"), ("tue", "Tue"), ("wed", "Wed"), ("thu", "Thu"), ("fri", "Fri"), ("sat", "Sat"),
    ("sun", "Sun"),
)  # fmt: skip

Fields = MultiDict[str, str]


@dataclass
class HoursRow:
    weekdays: list[str] = field(default_factory=list)
    start: str = ""
    end: str = ""


@dataclass
class LayerRow:
    name: str
    priority: str
    unit: str
    length: str
    start: str
    turns: list[TurnRow]
    hours: list[HoursRow]
    holidays: str = ""  # days on which business days do not hand over, with anything between
    kept: dict[str, Any] = field(default_factory=dict)  # what else the layer says
    kept_rotation: dict[str, Any] = field(default_factory=dict)

    def holidays_json(self) -> dict[str, Any]:
        """Nothing where none are kept: only business days leave them out."""
        days = self.holidays.replace(",", " ").split() if self.unit == "business_day" else []
        return {"holidays": days} if days else {}


@dataclass
class Draft:
    name: str
    time_zone: str
    layers: list[LayerRow]
    temporary: list[TemporaryRow] = field(default_factory=list)
    requirements: dict[str, Any] = field(default_factory=dict)  # of a template; none asks the usual

    def temporary_json(self) -> list[dict[str, Any]]:
        """As the parser of temporary schedules takes them."""
        return [row.to_json() for row in self.temporary]

    def layers_json(self) -> list[dict[str, Any]]:
        """As the parser of layers takes them; numbers that are none are left for it to refuse."""
        return [
            layer.kept
            | {
                "name": layer.name,
                "priority": number_or_text(layer.priority),
                "rotation": layer.kept_rotation
                | {
                    "unit": layer.unit,
                    "length": number_or_text(layer.length),
                    "start": layer.start,
                    "participants": [turn.people() for turn in layer.turns if turn.people()],
                }
                | layer.holidays_json(),
                "restrictions": [
                    {"weekdays": hours.weekdays, "start": hours.start, "end": hours.end}
                    for hours in layer.hours
                    if hours.weekdays or hours.start or hours.end
                ],
            }
            for layer in self.layers
        ]


def field_of(pointer: str) -> str:
    """The field of the form that a JSON pointer is about: /layers/0/rotation/start is layer-0-start."""
    parts = pointer.strip("/").split("/")
    if parts[0] == "temporary":
        return temporary_form.field_of(parts[1:])
    if parts[0] != "layers" or len(parts) < 2:
        return parts[0]
    prefix, rest = f"layer-{parts[1]}", parts[2:]
    if rest[:1] == ["restrictions"] and len(rest) > 1:
        return f"{prefix}-hours-{rest[1]}-{'day' if rest[2:] in ([], ['weekdays']) else rest[2]}"
    if rest[:2] == ["rotation", "participants"]:
        return f"{prefix}-primary"
    if rest[:2] == ["rotation", "holidays"]:
        return f"{prefix}-holidays"
    return f"{prefix}-{rest[-1] if rest else 'name'}"


def of_layers(
    name: str, time_zone: str, layers: Sequence[dict[str, Any]], temporary: Sequence[dict[str, Any]] = ()
) -> Draft:
    """The draft that shows a schedule as it is."""
    return Draft(
        name, time_zone, [_layer(layer) for layer in layers], [temporary_form.of_json(row) for row in temporary]
    )


def empty_layer(number: int, start: str) -> LayerRow:
    """What a new layer begins with: weekly turns, of nobody yet."""
    return LayerRow(f"Layer {number}", str(number), "week", "1", start, [TurnRow()], [])


def read(fields: Fields) -> Draft:
    """The draft that a form sends."""
    return Draft(
        fields.get("name", "").strip(),
        fields.get("time_zone", "").strip(),
        [_read_layer(fields, f"layer-{number}") for number in range(count(fields.get("layers")))],
        temporary_form.read(fields),
        _object(fields.get("requirements")),
    )


def start_from(draft: Draft, template: Template) -> None:
    """Put a template's layers, and what it requires, in place of the draft's."""
    draft.layers = [_layer(layer) for layer in layers_to_json(template.layers)]
    for layer in draft.layers:
        layer.turns = layer.turns or [TurnRow()]
    draft.requirements = requirements_to_json(template.requirements)


def press(draft: Draft, button: str, *, start: str, holidays: Iterable[str] = ()) -> None:
    """Do what a button of the form says: `add-layer`, `remove-layer-0`, `add-turn-0`, `up-0-2`,
    `remove-turn-0-2`, `add-hours-0`, `remove-hours-0-1`, `add-holidays-0`, and those of temporary schedules.
    What it does not know it ignores.
    """
    *verb, last = button.split("-")
    where = [number_or_text(part) for part in button.split("-") if part.isdecimal()]
    name = "-".join(part for part in [*verb, last] if not part.isdecimal())
    if name == "add-layer" and len(draft.layers) < MOST:
        draft.layers.append(empty_layer(len(draft.layers) + 1, start))
        return
    if name.endswith(("-temporary", "-person")):
        temporary_form.press(draft.temporary, name, where, start=start)
        return
    if not where or not 0 <= (number := where[0] or 0) < len(draft.layers):
        return
    layer, place = draft.layers[number], where[1] if len(where) > 1 else None
    if name == "remove-layer":
        del draft.layers[number]
    elif name == "add-turn" and len(layer.turns) < MOST:
        layer.turns.append(TurnRow())
    elif name == "add-hours" and len(layer.hours) < MOST:
        layer.hours.append(HoursRow([key for key, _ in WEEKDAYS[:5]], "09:00", "17:00"))
    elif name == "add-holidays":
        layer.holidays = "\n".join(sorted({*layer.holidays.replace(",", " ").split(), *holidays}))
    elif name == "remove-turn" and place is not None and place < len(layer.turns):
        del layer.turns[place]
    elif name == "remove-hours" and place is not None and place < len(layer.hours):
        del layer.hours[place]
    elif name == "up" and place is not None and 0 < place < len(layer.turns):
        layer.turns[place - 1 : place + 1] = reversed(layer.turns[place - 1 : place + 1])


def _layer(layer: dict[str, Any]) -> LayerRow:
    rotation = layer["rotation"]
    shown = {"name", "priority", "rotation", "restrictions"}
    turning = {"unit", "length", "start", "participants", "holidays"}
    return LayerRow(
        layer["name"],
        str(layer["priority"]),
        rotation["unit"],
        str(rotation["length"]),
        rotation["start"],
        [turn_of([str(person) for person in people]) for people in rotation["participants"]],
        [HoursRow(hours["weekdays"], hours["start"], hours["end"]) for hours in layer.get("restrictions", [])],
        "\n".join(rotation.get("holidays", ())),
        {key: value for key, value in layer.items() if key not in shown},
        {key: value for key, value in rotation.items() if key not in turning},
    )


def _read_layer(fields: Fields, prefix: str) -> LayerRow:
    return LayerRow(
        fields.get(f"{prefix}-name", "").strip(),
        fields.get(f"{prefix}-priority", ""),
        fields.get(f"{prefix}-unit", ""),
        fields.get(f"{prefix}-length", ""),
        fields.get(f"{prefix}-start", ""),
        read_turns(fields, prefix),
        [
            HoursRow(
                fields.getlist(f"{prefix}-hours-{number}-day"),
                fields.get(f"{prefix}-hours-{number}-start", ""),
                fields.get(f"{prefix}-hours-{number}-end", ""),
            )
            for number in range(count(fields.get(f"{prefix}-hours")))
        ],
        fields.get(f"{prefix}-holidays", ""),
        _object(fields.get(f"{prefix}-kept")),
        _object(fields.get(f"{prefix}-kept-rotation")),
    )


def _object(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
