"""What is still missing before an alert of a service rings somewhere, in words, honestly.

Pure: the rows are gathered by `alerts.readiness`. Errors first; a service without one says what proves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """An error means that nobody would be paged as planned; a warning, that the plan is thin."""

    ERROR = "error"
    WARNING = "warning"
    PROVEN = "proven"


class Fix(StrEnum):
    """Where to go to put it right."""

    POLICY = "policy"
    SCHEDULE = "schedule"
    DEVICE = "device"
    INTEGRATION = "integration"
    ALERT = "alert"
    OWNER = "owner"


@dataclass(frozen=True)
class PersonFacts:
    """`rings`: there is a device or a number to ring; `is_proven`: lately one has shown that it does."""

    name: str
    rings: bool
    is_proven: bool


@dataclass(frozen=True)
class StepFacts:
    """One step of the policy, and whom it would page now. `schedules` names those it asks. `tells`: it tells a
    room or a program, which many read and nobody is paged by.
    """

    people: tuple[PersonFacts, ...]
    schedules: tuple[str, ...] = ()
    tells: bool = False


@dataclass(frozen=True)
class ServiceFacts:
    """What decides about one service. `steps` is None without a policy; `last_resort`, whom that leaves."""

    name: str
    steps: tuple[StepFacts, ...] | None
    last_resort: tuple[PersonFacts, ...]
    integrations: int
    has_had_an_alert: bool
    has_owner: bool = True


@dataclass(frozen=True)
class Finding:
    level: Level
    sentence: str
    fix: Fix | None = None


def findings(service: ServiceFacts) -> tuple[Finding, ...]:
    """What is missing for this service, worst first; a proof when nothing is."""
    found = [*_who(service), *_ways_in(service)]
    if not service.has_owner:
        found.append(Finding(Level.WARNING, f"Nobody in particular looks after {service.name}.", Fix.OWNER))
    if not any(finding.level is Level.ERROR for finding in found):
        first = next(step for step in service.steps or () if step.people)
        found.append(Finding(Level.PROVEN, f"{service.name} would page {_names(first.people)} now."))
    return tuple(sorted(found, key=lambda finding: list(Level).index(finding.level)))


def is_ready(found: Sequence[Finding]) -> bool:
    """Whether nothing stands between an alert and a ringing phone."""
    return all(finding.level is not Level.ERROR for finding in found)


def _who(service: ServiceFacts) -> list[Finding]:
    nobody = f"Nobody would be paged for {service.name}"
    if service.steps is None:
        return [Finding(Level.ERROR, f"{nobody}: no escalation policy. {_left(service)}", Fix.POLICY)]
    reached = [step for step in service.steps if step.people]
    if not reached:
        schedules = [name for step in service.steps for name in step.schedules]
        if not schedules and any(step.tells for step in service.steps):
            why = "its policy only tells a room"
            return [Finding(Level.ERROR, f"{nobody}: {why}. {_left(service)}", Fix.POLICY)]
        if not schedules:
            return [Finding(Level.ERROR, f"{nobody}: no schedule. {_left(service)}", Fix.SCHEDULE)]
        why = f"nobody is on call now in {' or '.join(schedules)}"
        return [Finding(Level.ERROR, f"{nobody}: {why}. {_left(service)}", Fix.SCHEDULE)]
    return _devices(service, reached)


def _devices(service: ServiceFacts, reached: list[StepFacts]) -> list[Finding]:
    found: list[Finding] = []
    silent = [person for person in reached[0].people if not person.rings]
    if len(silent) == len(reached[0].people):
        verb = "has" if len(silent) == 1 else "have"
        found.append(
            Finding(
                Level.ERROR,
                f"Nothing would ring for {service.name}: {_names(silent)} {verb} no device.",
                Fix.DEVICE,
            )
        )
    else:
        found += [Finding(Level.WARNING, f"{person.name} has no device.", Fix.DEVICE) for person in silent]
    unproven = [person for person in reached[0].people if person.rings and not person.is_proven]
    found += [
        Finding(
            Level.WARNING,
            f"Nobody knows whether a page rings at {person.name}'s: no test page or drill answered lately.",
            Fix.DEVICE,
        )
        for person in unproven
    ]
    if len(reached) == 1:
        alone = (
            f"Only {_names(reached[0].people)} would be asked for {service.name}{_after(reached[0], service)}"
        )
        found.append(Finding(Level.WARNING, alone, Fix.POLICY))
    return found


def _ways_in(service: ServiceFacts) -> list[Finding]:
    if not service.integrations:
        return [Finding(Level.ERROR, f"No alert can reach {service.name}: no integration.", Fix.INTEGRATION)]
    if not service.has_had_an_alert:
        return [Finding(Level.WARNING, f"No alert has reached {service.name} yet.", Fix.ALERT)]
    return []


def _left(service: ServiceFacts) -> str:
    """What the last resort is worth here."""
    able = [person for person in service.last_resort if person.rings]
    if able:
        return f"{'Then' if service.steps else 'Only'} {_names(able)} would be, as last resort."
    if service.last_resort:
        verb = "has" if len(service.last_resort) == 1 else "have"
        return f"{_names(service.last_resort)}, the last resort, {verb} no device either."
    return "There is no last resort either."


def _after(step: StepFacts, service: ServiceFacts) -> str:
    """What follows the only step: the same people once more are nobody new."""
    if service.last_resort and all(person in step.people for person in service.last_resort):
        return ", and nobody after."
    return f". {_left(service)}"


def _names(people: Sequence[PersonFacts]) -> str:
    names = [person.name for person in people]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
