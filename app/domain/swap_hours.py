"""The hours of a swap against the resolved schedule: what the owner really has, in pieces (R17, R24)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.interval import Interval, merge
from app.domain.invalid import Faults
from app.domain.reason import OnCallRole, Reason, Why
from app.domain.schedule import OnCall, ScheduleConfig, pieces


@dataclass(frozen=True, slots=True)
class ShiftPiece:
    """Part of one turn that a person really has. `layer` and `turn_start` name the turn (None: no layer's,
    the person was added).
    """

    start: datetime
    end: datetime
    role: OnCallRole
    layer: str | None
    turn_start: datetime | None

    @property
    def id(self) -> str:
        """The turn this belongs to, the same however the piece is cut: "Weekly@2026-10-26T14:00:00+00:00"."""
        turn = self.turn_start.isoformat() if self.turn_start else ""
        return f"{self.layer or ''}@{turn}"

    @property
    def interval(self) -> Interval:
        return Interval(self.start, self.end)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "role": str(self.role),
            "layer": self.layer,
            "turn_start": self.turn_start.isoformat() if self.turn_start else None,
        }

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> "ShiftPiece":
        turn = json["turn_start"]
        return cls(
            datetime.fromisoformat(json["start"]),
            datetime.fromisoformat(json["end"]),
            OnCallRole(json["role"]),
            json["layer"],
            datetime.fromisoformat(turn) if turn else None,
        )


def pieces_of(config: ScheduleConfig, user_id: int, span: Interval) -> tuple[ShiftPiece, ...]:
    """The pieces of `span` in which this person is on call, in order; neighbours of one turn as one piece."""
    found: list[ShiftPiece] = []
    for shift in pieces(config, span.start, span.end):
        held = next((person for person in shift.on_call if person.user_id == user_id), None)
        if held is None:
            continue
        turn = _turn_of(held)
        piece = ShiftPiece(
            shift.start, shift.end, held.role, turn.layer if turn else None, turn.start if turn else None
        )
        last = found[-1] if found else None
        if last and last.end == piece.start and (last.id, last.role) == (piece.id, piece.role):
            found[-1] = ShiftPiece(last.start, piece.end, last.role, last.layer, last.turn_start)
        else:
            found.append(piece)
    return tuple(found)


def held_hours(found: tuple[ShiftPiece, ...]) -> tuple[Interval, ...]:
    """The hours of pieces, in as few stretches as possible."""
    return merge(piece.interval for piece in found)


def check_hours(
    found: tuple[ShiftPiece, ...],
    *,
    start: datetime,
    now: datetime,
    owner: str,
    faults: Faults,
    pointer: str = "",
) -> None:
    """R17: not begun, and with at least one minute that `owner` (a name) is really on call.

    `start` is to the minute, so a request within the running minute still counts as now.
    """
    if start < now.replace(second=0, microsecond=0):
        faults.add(f"{pointer}/start", "has passed. For hours that have begun, take over now.")
    elif not found:
        faults.add(f"{pointer}/start", zero_effect(owner))


def zero_effect(owner: str) -> str:
    """The words for a swap that would change nothing."""
    return f"{owner} is not on call in these hours, so there is nothing to cover."


def _turn_of(person: OnCall) -> Reason | None:
    return next((reason for reason in person.reasons if reason.kind is Why.TURN), None)
