"""One person's places in a schedule and a policy go to another, or are taken away; nothing else changes.

Works on the JSON of docs/api.md, where ids are opaque strings.
"""

from copy import deepcopy
from typing import Any


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
