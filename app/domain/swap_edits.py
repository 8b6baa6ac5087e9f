"""What an edit of the rotation does to the swaps agreed on it (R26): each is kept by time, moved or cancelled.

A swap is bound to pieces of turns, so it can follow its turn: the handoff moves by an hour, and so does the
cover; a person is inserted, and the cover goes to where its owner's turn is now.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.domain import zone
from app.domain.interval import Interval
from app.domain.layer import Layer
from app.domain.rotation import Turn
from app.domain.schedule import ScheduleConfig
from app.domain.swap_hours import ShiftPiece, held_hours, pieces_of

FARTHEST = timedelta(days=92)  # a turn that went farther than this is another one


class Fate(StrEnum):
    """What is done with a swap that an edit touches. MOVE unless somebody chooses."""

    KEEP = "keep"
    MOVE = "move"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Bound:
    """A swap as an edit sees it: whose hours, which, and the pieces they were cut from."""

    swap_id: int
    owner_id: int
    span: Interval
    pieces: tuple[ShiftPiece, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """A swap whose owner has other hours after the edit. `moved` is where its turn went (None: it is gone),
    `left` what the owner still has of the old hours.
    """

    swap_id: int
    moved: Interval | None
    left: tuple[Interval, ...]

    def fate(self, chosen: Fate | None) -> Fate:
        """What becomes of it: as chosen, else it moves; cancelled where that leaves nothing to cover."""
        wanted = chosen or Fate.MOVE
        if (wanted is Fate.MOVE and self.moved is None) or (wanted is Fate.KEEP and not self.left):
            return Fate.CANCEL
        return wanted


def touched(bound: Bound, before: ScheduleConfig, after: ScheduleConfig) -> Touched | None:
    """How the edit from `before` to `after` touches a swap; None when its owner has the same hours in both.

    Both configurations come without the exceptions that the swap itself made.
    """
    had = held_hours(pieces_of(before, bound.owner_id, bound.span))
    has = held_hours(pieces_of(after, bound.owner_id, bound.span))
    if had == has:
        return None
    return Touched(bound.swap_id, _moved(bound, before.zone, after), has)


def _moved(bound: Bound, old_zone: ZoneInfo, after: ScheduleConfig) -> Interval | None:
    first, last = bound.pieces[0], bound.pieces[-1]
    if first.turn_start is None or last.turn_start is None:
        return None
    begins = _nearest(after, bound.owner_id, first)
    ends = begins if last.id == first.id else _nearest(after, bound.owner_id, last)
    if begins is None or ends is None:
        return None
    start = _shifted(bound.span.start, first.turn_start, old_zone, begins, after.zone)
    end = _shifted(bound.span.end, last.turn_start, old_zone, ends, after.zone)
    start, end = max(start, begins.start), min(end, ends.end)
    return Interval(start, end) if start < end else None


def _shifted(
    moment: datetime, turn_start: datetime, old_zone: ZoneInfo, turn: Turn, new_zone: ZoneInfo
) -> datetime:
    """The same place in a turn: as far by the wall clock from its start as before."""
    into = zone.wall_clock(moment, old_zone) - zone.wall_clock(turn_start, old_zone)
    return zone.instant(zone.wall_clock(turn.start, new_zone) + into, new_zone)


def _nearest(config: ScheduleConfig, owner_id: int, piece: ShiftPiece) -> Turn | None:
    """The owner's turn that starts closest to the one the piece was of, on the layer of that name if there
    still is one.
    """
    named = [layer for layer in config.layers if layer.name == piece.layer]
    assert piece.turn_start is not None  # asked by the caller
    about = piece.turn_start
    turns = [
        turn
        for layer in named or config.layers
        if layer.rotation.participants
        for turn in _turns(layer, about, config.zone_of(layer))
        if owner_id in turn.people
    ]
    return min(turns, key=lambda turn: abs(turn.start - about), default=None)


def _turns(layer: Layer, about: datetime, tz: ZoneInfo) -> Iterator[Turn]:
    """The turns of a layer that start within the farthest distance of a moment."""
    rotation = layer.rotation
    number = rotation.number_at(zone.position(about - FARTHEST, tz))
    number = 0 if number is None else number
    while (turn := rotation.turn(number, tz)).start <= about + FARTHEST:
        yield turn
        number += 1
