"""What a team still lacks before its pager can be trusted: a list to tick off, never a gate.

An alert always goes somewhere, whatever is missing (contract, "Last resort"); the list says where it would go
meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.phrase import counted


class Part(StrEnum):
    """A piece of a team, in the order one makes them."""

    MANAGER = "manager"
    MEMBERS = "members"
    DEVICES = "devices"
    SCHEDULE = "schedule"
    IN_A_SHIFT = "in_a_shift"
    POLICY = "policy"
    SERVICE = "service"


@dataclass(frozen=True)
class TeamFacts:
    """What there is. `without_device` and `in_no_shift` name members; `nobody_now` names schedules."""

    has_manager: bool
    members: int
    without_device: tuple[str, ...]
    schedules: int
    nobody_now: tuple[str, ...]
    in_no_shift: tuple[str, ...]
    policies: int
    services: int
    without_policy: tuple[str, ...]  # services


@dataclass(frozen=True)
class Item:
    """One line of the list: done, or what is missing and what that means."""

    part: Part
    is_done: bool
    says: str


def checklist(team: TeamFacts) -> tuple[Item, ...]:
    """Every piece, done or not; whether everybody takes turns is asked once there are turns to take."""
    are = "is" if len(team.in_no_shift) == 1 else "are"
    members = "One person is all it has: nobody is behind them." if team.members else "Nobody belongs to it."
    items = (
        _item(Part.MANAGER, team.has_manager, "It has a manager.",
              "It has no manager: all administrators are its last resort."),
        _item(Part.MEMBERS, team.members > 1, f"{team.members} people belong to it.", members),
        _item(Part.DEVICES, not team.without_device, "Everybody in it has a device that can ring.",
              f"{_names(team.without_device)} {_have(team.without_device)} no device that could ring."),
        _schedule(team),
        _item(Part.IN_A_SHIFT, not team.in_no_shift, "Everybody in it takes turns.",
              f"{_names(team.in_no_shift)} {are} in no shift."),
        _item(Part.POLICY, team.policies > 0, "It has an escalation policy.",
              "It has no escalation policy: its alerts go to the last resort at once."),
        _service(team),
    )  # fmt: skip
    return tuple(item for item in items if team.schedules or item.part is not Part.IN_A_SHIFT)


def missing(items: Sequence[Item]) -> tuple[Item, ...]:
    """What is still to do."""
    return tuple(item for item in items if not item.is_done)


def _schedule(team: TeamFacts) -> Item:
    if not team.schedules:
        return Item(Part.SCHEDULE, False, "It has no schedule: nobody is on call for it.")
    if team.nobody_now:
        return Item(Part.SCHEDULE, False, f"Nobody is on call now on {_names(team.nobody_now)}.")
    return Item(Part.SCHEDULE, True, "Somebody is on call now.")


def _service(team: TeamFacts) -> Item:
    if not team.services:
        return Item(Part.SERVICE, False, "It looks after no service, so no alert is its own.")
    if team.without_policy:
        says = (
            f"{_names(team.without_policy)} {_have(team.without_policy)} no policy: the last resort is paged."
        )
        return Item(Part.SERVICE, False, says)
    return Item(Part.SERVICE, True, f"It looks after {counted(team.services, 'service')}.")


def _item(part: Part, is_done: bool, done: str, to_do: str) -> Item:
    return Item(part, is_done, done if is_done else to_do)


def _names(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def _have(names: Sequence[str]) -> str:
    return "has" if len(names) == 1 else "have"
