"""Who leads an incident and who is in it: exactly one commander, named on every screen (S-35, S-39)."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.lifecycle import InvalidTransition
from app.domain.words import Attendance, IncidentRole

HELD_BY_ONE = frozenset({IncidentRole.SCRIBE, IncidentRole.COMMUNICATIONS})


@dataclass(frozen=True)
class Command:
    """Who commands, since when. A handover names the one it was meant to take from."""

    user_id: int
    name: str
    since: datetime


class CommandTaken(InvalidTransition):
    """Somebody else commands than the one who pressed had seen."""


def may_take(held: Command | None, user_id: int, *, at: datetime) -> bool:
    """Whether `user_id` becomes commander by taking command; False when they are it already (a second tap).

    Raises CommandTaken, naming who has it, when somebody else was first: nobody takes command from another
    without saying so.
    """
    if held is None:
        return True
    if held.user_id == user_id:
        return False
    raise CommandTaken(f"{_has_it(held, at)} Ask for a handover if it should be you.")


def may_hand_over(
    held: Command | None, *, to_id: int, instead_of: int | None, is_told: bool, at: datetime
) -> bool:
    """Whether command goes to `to_id`; False when they have it already.

    `instead_of` is who commanded on the screen that was pressed, where `is_told`. Raises CommandTaken when that
    has changed: two handovers at once are one handover and one answer that names who has it.
    """
    holder = None if held is None else held.user_id
    if holder == to_id:
        return False
    if is_told and instead_of != holder:
        says = "Nobody commands now." if held is None else _has_it(held, at)
        raise CommandTaken(f"{says} Look again before you hand it over.")
    return True


def attendance_after(before: Attendance | None, answer: Attendance) -> Attendance:
    """What an answer makes of it. Joining needs no asking; declining does. Raises InvalidTransition."""
    if answer is Attendance.DECLINED and before is None:
        raise InvalidTransition("You were not asked, so there is nothing to decline.")
    if answer is Attendance.DECLINED and before is Attendance.JOINED:
        return Attendance.LEFT
    if answer is Attendance.LEFT and before in (None, Attendance.DECLINED):
        raise InvalidTransition("You are not in this incident, so there is nothing to leave.")
    return answer


def _has_it(held: Command, at: datetime) -> str:
    seconds = max(int((at - held.since).total_seconds()), 0)
    ago = f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
    return f"{held.name} took command {ago} ago."
