"""An escalation policy as a value: what an alert takes along when its escalation starts, unmoved by later
edits.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from app.domain.invalid import Faults

DEFAULT_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=7)
MOST_STEPS, MOST_TARGETS, MOST_REPEATS = 20, 50, 20


class TargetKind(StrEnum):
    USER = "user"
    SCHEDULE = "schedule"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a step pages: a person, everybody of a team, or whoever a schedule has on call then."""

    kind: TargetKind
    id: int


@dataclass(frozen=True, slots=True)
class Step:
    """One rung: page the targets, then `wait` for an acknowledgement before the next."""

    wait: timedelta
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Steps in order, `repeat` more rounds of them, and whom to page when nobody is left (None: the team
    decides).

    A policy without steps pages the last resort at once.
    """

    steps: tuple[Step, ...]
    repeat: int = 0
    last_resort_user_id: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The snapshot that `from_json` reads."""
        last = self.last_resort_user_id
        return {
            "steps": steps_to_json(self.steps),
            "repeat": self.repeat,
            "last_resort_user_id": None if last is None else str(last),
        }

    @staticmethod
    def from_json(json: object) -> "Policy":
        """The policy that a snapshot holds, which may say more. Raises InvalidField when it holds none."""
        faults = Faults()
        row = json if isinstance(json, dict) else {}
        repeat = parse_repeat(row.get("repeat", 0), faults)
        last = row.get("last_resort_user_id")
        last_id = None if last is None else faults.id(last, "/last_resort_user_id")
        steps = _steps(row.get("steps"), faults)
        faults.stop_if_any()
        return Policy(steps, repeat, last_id)


def parse_steps(json: object) -> tuple[Step, ...]:
    """The steps that `json`, a decoded list, describes. Raises InvalidField with pointers that begin at /steps.

    `wait_minutes` may be a fraction and is 5 where left out. Whether the targets exist is not asked here.
    """
    faults = Faults()
    steps = _steps(json, faults)
    faults.stop_if_any()
    return steps


def parse_repeat(json: object, faults: Faults) -> int:
    """How many rounds follow the first."""
    return faults.whole_number(json, "/repeat", 0, MOST_REPEATS)


def steps_to_json(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """The JSON that parses to these steps, ids as texts."""
    return [
        {
            "wait_minutes": _minutes(step.wait),
            "targets": [{"kind": str(target.kind), "id": str(target.id)} for target in step.targets],
        }
        for step in steps
    ]


def targets_in(steps: Iterable[Step]) -> Iterator[tuple[str, Target]]:
    """Every target, each with the JSON pointer to its id."""
    for number, step in enumerate(steps):
        for place, target in enumerate(step.targets):
            yield f"/steps/{number}/targets/{place}/id", target


def _minutes(wait: timedelta) -> int | float:
    minutes = wait / timedelta(minutes=1)
    return int(minutes) if minutes.is_integer() else minutes


def _steps(json: object, faults: Faults) -> tuple[Step, ...]:
    rows = faults.sequence(json, "/steps", at_most=MOST_STEPS)
    return tuple(_step(row, f"/steps/{number}", faults) for number, row in enumerate(rows))


def _step(json: object, pointer: str, faults: Faults) -> Step:
    row = faults.mapping(json, pointer, ("wait_minutes", "targets"))
    if row is None:
        return Step(DEFAULT_WAIT, ())
    targets = faults.sequence(row.get("targets"), f"{pointer}/targets", at_least=1, at_most=MOST_TARGETS)
    return Step(
        _wait(row.get("wait_minutes", 5), f"{pointer}/wait_minutes", faults),
        tuple(_target(held, f"{pointer}/targets/{place}", faults) for place, held in enumerate(targets)),
    )


def _wait(json: object, pointer: str, faults: Faults) -> timedelta:
    most = LONGEST_WAIT // timedelta(minutes=1)
    if isinstance(json, bool) or not isinstance(json, int | float) or not 0 < json <= most:
        faults.add(pointer, f"must be a number of minutes above 0, at most {most}")
        return DEFAULT_WAIT
    return max(timedelta(minutes=json), timedelta(seconds=1))


def _target(json: object, pointer: str, faults: Faults) -> Target:
    row = faults.mapping(json, pointer, ("kind", "id"))
    if row is None:
        return Target(TargetKind.USER, 0)
    kind = row.get("kind")
    if not isinstance(kind, str) or kind not in list(TargetKind):
        faults.add(f"{pointer}/kind", f"must be one of {', '.join(TargetKind)}")
        kind = TargetKind.USER
    return Target(TargetKind(kind), faults.id(row.get("id"), f"{pointer}/id"))
