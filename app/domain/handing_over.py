"""One person's places in a schedule and a policy go to another, or are taken away; nothing else changes.

Works on the JSON of docs/api.md, where ids are opaque strings.
"""

from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.domain import zone


def in_layers(layers: list[Any], user_id: int, to: int | None) -> list[Any]:
    """The layers with `to` in the person's place, or without them.

    Somebody who stands in a set twice then stands there once, at the first place. A set that has nobody left
    goes, and so does a layer without a set; the turns after it then come earlier.
    """
    kept = []
    for layer in deepcopy(layers):
        rotation = layer["rotation"]
        sets = [_swapped(people, user_id, to) for people in rotation["participants"]]
        rotation["participants"] = [people for people in sets if people]
        if rotation["participants"]:
            kept.append(layer)
    return kept


def in_temporary(
    temporary: list[Any], user_id: int, to: int | None, *, here: ZoneInfo, at: datetime
) -> list[Any]:
    """The temporary schedules with `to` in the person's place, or without them; what is over at `at` stays as
    it was. `here` is the schedule's zone. One that has nobody left goes, and the usual turns hold in its hours.
    """
    kept = []
    for each in temporary:
        if _is_ahead(each, here, at) and layers_of(each["layers"], user_id):
            layers = in_layers(each["layers"], user_id, to)
            if layers:
                kept.append(each | {"layers": layers})
        else:
            kept.append(each)
    return kept


def in_steps(steps: list[Any], user_id: int, to: int | None) -> list[Any]:
    """The steps with `to` asked in the person's place, or without them; a step that asks nobody goes."""
    kept = []
    for step in deepcopy(steps):
        targets: list[Any] = []
        for target in step["targets"]:
            if target["kind"] == "user" and str(target["id"]) == str(user_id):
                if to is None:
                    continue
                target = target | {"id": str(to)}
            if target not in targets:
                targets.append(target)
        if targets:
            kept.append(step | {"targets": targets})
    return kept


def layers_of(layers: list[Any], user_id: int) -> list[str]:
    """The names of the layers in which the person takes turns."""
    return [
        layer["name"]
        for layer in layers
        if any(str(user_id) in map(str, people) for people in layer["rotation"]["participants"])
    ]


def temporary_of(temporary: list[Any], user_id: int, *, here: ZoneInfo, at: datetime) -> Iterator[Any]:
    """The temporary schedules, not over at `at`, in which the person takes turns."""
    return (each for each in temporary if _is_ahead(each, here, at) and layers_of(each["layers"], user_id))


def steps_of(steps: list[Any], user_id: int) -> list[int]:
    """The steps, counted from 1, that ask the person by name."""
    return [
        number
        for number, step in enumerate(steps, start=1)
        if any(target["kind"] == "user" and str(target["id"]) == str(user_id) for target in step["targets"])
    ]


def _swapped(people: list[Any], user_id: int, to: int | None) -> list[str]:
    after: list[str] = []
    for one in map(str, people):
        other = (None if to is None else str(to)) if one == str(user_id) else one
        if other is not None and other not in after:
            after.append(other)
    return after


def _is_ahead(temporary: Any, here: ZoneInfo, at: datetime) -> bool:
    """Whether hours of a temporary schedule are still to come."""
    return zone.instant(datetime.fromisoformat(temporary["end"]), here) > at
