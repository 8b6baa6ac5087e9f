"""What is odd about an escalation policy, in words: facts about its steps → findings (feature 125).

Steps are counted from 1, those of other policies in their places. None of it keeps anybody from publishing:
whatever is wrong, an alert goes on to somebody (INV-12).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.domain.claims import Level
from app.domain.hours import WeeklyHours
from app.domain.interval import Interval
from app.domain.policy import Step
from app.domain.words import Severity

SOON = timedelta(minutes=15)  # within which two different people should have been asked
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class StepFacts:
    """A step and what comes of it. `people`: whom it asks now, by id and name. `tells`: a room is told, too.
    `unreachable`: those of them to whom no way works.

    `gap`: the first stretch ahead in which its schedules have nobody, and `schedule_id`, whose gap it is.
    """

    step: Step
    people: tuple[tuple[int, str], ...] = ()
    tells: bool = False
    gap: Interval | None = None
    schedule_id: int | None = None
    unreachable: frozenset[int] = frozenset()

    @property
    def reached(self) -> tuple[tuple[int, str], ...]:
        return tuple(one for one in self.people if one[0] not in self.unreachable)


@dataclass(frozen=True)
class LateRule:
    """A way of a person's own rules, that is used `after` so long."""

    user_id: int
    name: str
    way: str
    after: timedelta


@dataclass(frozen=True)
class PolicyFinding:
    """`during`: the hours that the sentence is about; `schedule_id`: where they can be filled."""

    level: Level
    sentence: str
    during: Interval | None = None
    schedule_id: int | None = None


def check(
    steps: Sequence[StepFacts], *, answers: int = 1, circles: bool = False, rules: Iterable[LateRule] = ()
) -> tuple[PolicyFinding, ...]:
    """Everything that is worth a look, the worst first; that all is well where nothing is."""
    found = [
        *_circles(circles),
        *_empty(steps),
        *_nobody(steps),
        *_unreachable(steps),
        *_never(steps),
        *_passed_over(steps),
        *_too_few(steps, answers),
        *_twice(steps),
        *_late(steps, rules),
        *_depth(steps),
    ]
    order = list(Level)
    return tuple(sorted(found, key=lambda one: order.index(one.level)))


def _circles(circles: bool) -> Iterator[PolicyFinding]:
    if circles:
        yield PolicyFinding(
            Level.ERROR, "A step leads back to this policy: an alert would go round in a circle."
        )


def _empty(steps: Sequence[StepFacts]) -> Iterator[PolicyFinding]:
    if not steps:
        yield PolicyFinding(Level.WARNING, "There is no step: the last resort is asked at once.")
    for number, facts in enumerate(steps, 1):
        if not facts.step.targets:
            yield PolicyFinding(Level.ERROR, f"Step {number} is empty. Choose whom it asks, or remove it.")


def _nobody(steps: Sequence[StepFacts]) -> Iterator[PolicyFinding]:
    for number, facts in enumerate(steps, 1):
        then = "the last resort" if number == len(steps) else f"step {number + 1}"
        if not facts.step.targets:
            continue
        if not facts.people and facts.tells:
            says = (
                f"Step {number} tells a room and asks nobody: if nobody reads it, {then} comes after the wait."
            )
            yield PolicyFinding(Level.WARNING, says)
        elif not facts.people and (facts.gap is None or facts.schedule_id is None):
            says = f"Step {number} has nobody now, so {then} comes at once."
            yield PolicyFinding(Level.ERROR, says)
        elif facts.gap is not None:
            level = Level.WARNING if facts.people else Level.ERROR
            says = f"step {number} has nobody, so {then} comes at once."
            yield PolicyFinding(level, says, facts.gap, facts.schedule_id)


def _unreachable(steps: Sequence[StepFacts]) -> Iterator[PolicyFinding]:
    """Who would be asked by no device, mail or number: nobody waits for them."""
    for number, facts in enumerate(steps, 1):
        names = [name for user_id, name in facts.people if user_id in facts.unreachable]
        if not names:
            continue
        who = f"{' and '.join(names)} {'has' if len(names) == 1 else 'have'} no way that works"
        if facts.reached or facts.tells:
            yield PolicyFinding(Level.WARNING, f"{who}: step {number} does not ring there.")
        else:
            then = "the last resort" if number == len(steps) else f"step {number + 1}"
            yield PolicyFinding(Level.ERROR, f"{who}: step {number} rings nobody, so {then} comes at once.")


def _never(steps: Sequence[StepFacts]) -> Iterator[PolicyFinding]:
    """What a step says that can never come to pass."""
    for number, facts in enumerate(steps, 1):
        when, step = facts.step.when, facts.step
        if when.hours and when.outside and WeeklyHours(when.hours).always:
            yield PolicyFinding(
                Level.WARNING, f"Step {number} can never be taken: there are no hours outside all hours."
            )
        if step.every is not None and step.reminders and step.every >= step.wait and len(steps) > 1:
            yield PolicyFinding(
                Level.WARNING,
                f"Step {number} never reminds: every {_said(step.every)} is not before its wait of"
                f" {_said(step.wait)} is over.",
            )


def _passed_over(steps: Sequence[StepFacts]) -> Iterator[PolicyFinding]:
    """Severities that no step is taken for."""
    named = [facts.step.when.severities for facts in steps]
    if not steps or any(not severities for severities in named):
        return
    left = [str(one) for one in Severity if not any(one in severities for severities in named)]
    if left:
        says = f"No step is taken for {' or '.join(left)}: such an alert goes to the last resort at once."
        yield PolicyFinding(Level.WARNING, says)


def _too_few(steps: Sequence[StepFacts], answers: int) -> Iterator[PolicyFinding]:
    people = {user_id for facts in steps for user_id, _ in facts.people}
    if answers > 1 and len(people) < answers:
        says = f"{answers} people must acknowledge and {len(people)} would be asked: it could never stop."
        yield PolicyFinding(Level.ERROR, says)


def _twice(steps: Sequence[StepFacts]) -> Iterator[PolicyFinding]:
    """Who did not answer one step will rarely answer the next."""
    places: dict[int, tuple[str, list[int]]] = {}
    for number, facts in enumerate(steps, 1):
        for user_id, name in facts.people:
            places.setdefault(user_id, (name, []))[1].append(number)
    for name, numbers in places.values():
        if len(numbers) > 1:
            words = f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
            yield PolicyFinding(
                Level.WARNING, f"{name} is asked by steps {words} now: whoever misses one may miss the other."
            )


def _late(steps: Sequence[StepFacts], rules: Iterable[LateRule]) -> Iterator[PolicyFinding]:
    """A person's own ways that begin when every step that asks them is over."""
    for rule in rules:
        asking = [
            (facts.step.wait, number)
            for number, facts in enumerate(steps, 1)
            if any(user_id == rule.user_id for user_id, _ in facts.people)
        ]
        if asking and rule.after >= (longest := max(asking))[0]:
            says = (
                f"{rule.name}: {rule.way} begins after {_said(rule.after)}, and step {longest[1]} is over after"
                f" {_said(longest[0])}. It would never ring."
            )
            yield PolicyFinding(Level.WARNING, says)


def _depth(steps: Sequence[StepFacts]) -> Iterator[PolicyFinding]:
    """How many different people are asked soon, as it stands now."""
    since, asked = timedelta(0), dict[int, timedelta]()
    for facts in steps:
        for user_id, _ in facts.reached:
            asked.setdefault(user_id, since)
        since += facts.step.wait if facts.reached or facts.tells else timedelta(0)
    soon = sum(1 for since in asked.values() if since <= SOON)
    if soon > 1:
        yield PolicyFinding(Level.PROVEN, f"{soon} different people are asked within {_said(SOON)} now.")
    elif soon == 1:
        says = f"One person alone is asked within {_said(SOON)} now, before anybody else."
        yield PolicyFinding(Level.WARNING, says)


def _said(length: timedelta) -> str:
    return f"{length / _MINUTE:g} min"
