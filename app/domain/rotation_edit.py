"""People come into a rotation and leave it, holidays too, without anybody's running shift moving (R14).

Whose turn it is follows from how many turns have passed since the rotation's start, counted through the list of
people. A longer or shorter list would give the running turn to somebody else, so the start is moved by whole
turns until it is theirs again. A holiday that has passed would, too. What was before is in the book and stays.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from difflib import SequenceMatcher
from zoneinfo import ZoneInfo

from app.domain import zone
from app.domain.layer import Layer
from app.domain.rotation import Rotation, Unit
from app.domain.schedule import ScheduleConfig

_Sets = tuple[tuple[int, ...], ...]


def keep_running_turns(before: ScheduleConfig, after: Iterable[Layer], at: datetime) -> tuple[Layer, ...]:
    """The edited layers, with their starts moved where people were put in or taken out at `at`.

    A layer is found again by its name. One whose clock, rhythm or start was edited too says itself whose turn
    it shall be, and so does one whose people only changed places.
    """
    known = {layer.name: layer for layer in before.layers}
    return tuple(
        _kept(known[layer.name], layer, at, before.zone_of(known[layer.name]))
        if layer.name in known and layer.time_zone == known[layer.name].time_zone
        else layer
        for layer in after
    )


def _kept(before: Layer, after: Layer, at: datetime, tz: ZoneInfo) -> Layer:
    old, new = before.rotation, after.rotation
    rhythm = old.unit, old.length, old.start
    same_people = sorted(old.participants) == sorted(new.participants)
    if rhythm != (new.unit, new.length, new.start) or (same_people and old.holidays == new.holidays):
        return after
    was, number = (rotation.number_at(zone.position(at, tz)) for rotation in (old, new))
    if was is None or number is None:
        return after
    place = _place(was % len(old.participants), old.participants, new.participants)
    if number % len(new.participants) == place:
        return after
    return replace(after, rotation=replace(new, start=_start(new, number - place)))


def _place(place: int, old: _Sets, new: _Sets) -> int:
    """Where in the new list the set is that stood at `place` in the old one; the next one when it is gone."""
    for tag, first, end, there, there_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if first <= place < end:
            if tag == "delete":
                return there % len(new)
            return min(there + place - first, there_end - 1)
    raise AssertionError("every place of a list is in one of its blocks")


def _start(rotation: Rotation, number: int) -> datetime:
    """The handoff at which counting begins anew. A monthly one keeps the day of the month it was given."""
    if rotation.unit is not Unit.MONTH:
        return rotation.handoff(number)
    while rotation.handoff(number).day != rotation.start.day:
        number -= len(rotation.participants)
    return rotation.handoff(number)
