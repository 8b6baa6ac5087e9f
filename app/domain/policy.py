"""An escalation policy as a value: what an alert takes along when its escalation starts, unmoved by later
edits.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import islice
from typing import Any

from app.domain import flapping, step_condition
from app.domain.invalid import Faults
from app.domain.step_condition import ALWAYS, Condition

DEFAULT_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=7)
MOST_STEPS, MOST_TARGETS, MOST_REPEATS = 20, 50, 20
MOST_IN_A_RUN = 400  # steps, those of other policies in their places
USUAL_REMINDERS, MOST_REMINDERS = 3, 20
SHORTEST_ANSWER, LONGEST_ANSWER = timedelta(minutes=5), timedelta(days=7)
MOST_ANSWERS = 10
_MINUTE = timedelta(minutes=1)


class TargetKind(StrEnum):
    """NEXT_ON_CALL is whoever follows on that schedule. POLICY stands for the steps of another policy.

    CHANNEL and WEBHOOK are destinations, where many read: a chat's room, a program. They are told, not paged.
    """

    USER = "user"
    SCHEDULE = "schedule"
    TEAM = "team"
    NEXT_ON_CALL = "next_on_call"
    POLICY = "policy"
    CHANNEL = "channel"
    WEBHOOK = "webhook"


ROOMS = frozenset({TargetKind.CHANNEL, TargetKind.WEBHOOK})


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a step pages: a person, a whole team, whoever a schedule has on call then; or what it tells."""

    kind: TargetKind
    id: int


@dataclass(frozen=True, slots=True)
class Step:
    """One rung: page the targets, then `wait` for an acknowledgement before the next.

    Meanwhile they are reminded `reminders` times, `every` so often (None: spread over the wait). With
    `round_robin` one of them is asked, each alert another one.
    """

    wait: timedelta
    targets: tuple[Target, ...]
    reminders: int = USUAL_REMINDERS
    every: timedelta | None = None
    round_robin: bool = False
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Policy:
    """Steps in order, `repeat` more rounds of them, and whom to page when nobody is left (None: the team
    decides).

    So many people must acknowledge before it stops: `answers`. `ask_again`: how long after an acknowledgement
    the alert, if still open, pages again whoever has it, and whoever is on call; None: never. A key that comes
    and goes pages `flap_limit` times in ten minutes; None: every time. A policy without steps pages the last
    resort at once.
    """

    steps: tuple[Step, ...]
    repeat: int = 0
    last_resort_user_id: int | None = None
    answers: int = 1
    ask_again: timedelta | None = None
    flap_limit: int | None = flapping.USUAL_LIMIT

    def to_json(self) -> dict[str, Any]:
        """The snapshot that `from_json` reads."""
        last = self.last_resort_user_id
        return {
            "steps": steps_to_json(self.steps),
            "repeat": self.repeat,
            "last_resort_user_id": None if last is None else str(last),
            "answers": self.answers,
            "ask_again_minutes": None if self.ask_again is None else _minutes(self.ask_again),
            "flap_limit": self.flap_limit,
        }

    @staticmethod
    def from_json(json: object) -> "Policy":
        """The policy that a snapshot holds, which may say more. Raises InvalidField when it holds none."""
        faults = Faults()
        row = json if isinstance(json, dict) else {}
        repeat = parse_repeat(row.get("repeat", 0), faults)
        last = row.get("last_resort_user_id")
        last_id = None if last is None else faults.id(last, "/last_resort_user_id")
        steps = _steps(row.get("steps"), faults, at_most=MOST_IN_A_RUN)
        answers = parse_answers(row.get("answers", 1), faults)
        again = parse_ask_again(row.get("ask_again_minutes"), faults)
        flaps = parse_flap_limit(row.get("flap_limit", flapping.USUAL_LIMIT), faults)
        faults.stop_if_any()
        return Policy(steps, repeat, last_id, answers, again, flaps)


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


def parse_answers(json: object, faults: Faults) -> int:
    """How many people must acknowledge."""
    return faults.whole_number(json, "/acknowledgements", 1, MOST_ANSWERS)


def parse_ask_again(json: object, faults: Faults) -> timedelta | None:
    """How many minutes after an acknowledgement it asks again: 5 minutes to 7 days; None: never."""
    if json is None:
        return None
    low, high = SHORTEST_ANSWER // _MINUTE, LONGEST_ANSWER // _MINUTE
    return _MINUTE * faults.whole_number(json, "/acknowledge_timeout_minutes", low, high)


def parse_flap_limit(json: object, faults: Faults) -> int | None:
    """How often one key may page in ten minutes; None: as often as it comes."""
    return None if json is None else faults.whole_number(json, "/flap_limit", 1, flapping.MOST)


def steps_to_json(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """The JSON that parses to these steps, ids as texts; what is usual is left out."""
    return [
        {
            "wait_minutes": _minutes(step.wait),
            "targets": [{"kind": str(target.kind), "id": str(target.id)} for target in step.targets],
            **({} if step.reminders == USUAL_REMINDERS else {"reminders": step.reminders}),
            **({} if step.every is None else {"remind_every_minutes": _minutes(step.every)}),
            **({"round_robin": True} if step.round_robin else {}),
            **({} if step.when == ALWAYS else {"when": step.when.to_json()}),
        }
        for step in steps
    ]


def targets_in(steps: Iterable[Step]) -> Iterator[tuple[str, Target]]:
    """Every target, each with the JSON pointer to its id."""
    for number, step in enumerate(steps):
        for place, target in enumerate(step.targets):
            yield f"/steps/{number}/targets/{place}/id", target


def unfolded(steps: Iterable[Step], others: Mapping[int, tuple[Step, ...]]) -> tuple[Step, ...]:
    """The steps with those of another policy, by its id, in the place of the step that names it.

    One that is not there any more, or that leads back to itself, has no steps: nothing waits for it (INV-12).
    What is more than a run takes is left out, with room for a person who is asked first: after the last of
    these comes the last resort, so that no policy is too long to page.
    """
    empty: set[int] = set()  # found to come to nothing: not gone through again, however often they are named

    def unfold(steps: Iterable[Step], within: frozenset[int]) -> Iterator[Step]:
        for step in steps:
            named = _names(step)
            if not named:
                yield step
            for policy_id in named:
                if policy_id in within or policy_id in empty:
                    continue
                found = False
                for inner in unfold(others.get(policy_id, ()), within | {policy_id}):
                    found = True
                    yield inner
                if not found:
                    empty.add(policy_id)

    return tuple(islice(unfold(steps, frozenset()), MOST_IN_A_RUN - 1))


def leads_back(policy_id: int | None, steps: Iterable[Step], others: Mapping[int, tuple[Step, ...]]) -> bool:
    """Whether the steps of the policy `policy_id`, as they would be, come back to it or run in a circle."""
    sound: set[int] = set()  # looked through before, without a circle

    def circles(steps: Iterable[Step], within: frozenset[int | None]) -> bool:
        for other_id in (named for step in steps for named in _names(step)):
            if other_id in within:
                return True
            if other_id not in sound:
                if circles(others.get(other_id, ()), within | {other_id}):
                    return True
                sound.add(other_id)
        return False

    return circles(steps, frozenset({policy_id}))


def lengths(policies: Mapping[int, tuple[Step, ...]]) -> dict[int, int]:
    """How many steps each policy comes to with those of the policies it names; none of it runs in a circle."""
    known: dict[int, int] = {}

    def length(policy_id: int) -> int:
        if policy_id not in known:
            known[policy_id] = 0  # of a circle that came about all the same
            steps = policies.get(policy_id, ())
            known[policy_id] = sum(sum(map(length, named)) if (named := _names(step)) else 1 for step in steps)
        return known[policy_id]

    return {policy_id: length(policy_id) for policy_id in policies}


def _names(step: Step) -> list[int]:
    """The policies whose steps this one stands for."""
    return [target.id for target in step.targets if target.kind is TargetKind.POLICY]


def _minutes(wait: timedelta) -> int | float:
    minutes = wait / _MINUTE
    return int(minutes) if minutes.is_integer() else minutes


def _steps(json: object, faults: Faults, *, at_most: int = MOST_STEPS) -> tuple[Step, ...]:
    rows = faults.sequence(json, "/steps", at_most=at_most)
    return tuple(_step(row, f"/steps/{number}", faults) for number, row in enumerate(rows))


_KEYS = ("wait_minutes", "targets", "reminders", "remind_every_minutes", "round_robin", "when")


def _step(json: object, pointer: str, faults: Faults) -> Step:
    row = faults.mapping(json, pointer, _KEYS)
    if row is None:
        return Step(DEFAULT_WAIT, ())
    held = faults.sequence(row.get("targets"), f"{pointer}/targets", at_least=1, at_most=MOST_TARGETS)
    targets = tuple(_target(one, f"{pointer}/targets/{place}", faults) for place, one in enumerate(held))
    if len(targets) > 1 and any(target.kind is TargetKind.POLICY for target in targets):
        faults.add(
            f"{pointer}/targets", "another policy must be a step's only target: its steps take its place"
        )
    every = row.get("remind_every_minutes")
    robin = row.get("round_robin") or False
    if not isinstance(robin, bool):
        faults.add(f"{pointer}/round_robin", "must be true or false")
    reminders = row.get("reminders")
    return Step(
        _wait(row.get("wait_minutes", 5), f"{pointer}/wait_minutes", faults),
        targets,
        USUAL_REMINDERS
        if reminders is None
        else faults.whole_number(reminders, f"{pointer}/reminders", 0, MOST_REMINDERS),
        None if every is None else _wait(every, f"{pointer}/remind_every_minutes", faults),
        robin is True,
        step_condition.read(row.get("when"), f"{pointer}/when", faults),
    )


def _wait(json: object, pointer: str, faults: Faults) -> timedelta:
    most = LONGEST_WAIT // _MINUTE
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
