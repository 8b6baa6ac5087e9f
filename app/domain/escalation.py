"""Whom an alert asks next: a policy's plan + where its run stands → what to do now, and when to look again.

A run goes through the steps in order, once a round, for `rounds` rounds. When all are done, or nobody could be
reached, the last resort is paged every five minutes for an hour; then the timer ends and administrators see it.
"""

from dataclasses import dataclass
from datetime import timedelta

from app.domain.words import EscalationState

LAST_RESORT_EVERY = timedelta(minutes=5)
LAST_RESORT_TIMES = 12
DEFAULT_WAIT = timedelta(minutes=5)


@dataclass(frozen=True)
class Plan:
    """How long each step waits before the next, and how often all are gone through. No steps: no policy."""

    waits: tuple[timedelta, ...]
    rounds: int = 1


@dataclass(frozen=True)
class Progress:
    """The next thing a run will do: `step` of `round`, or the last resort for the `reminder`-th time."""

    state: EscalationState
    round: int = 0
    step: int = 0
    reminder: int = 0


@dataclass(frozen=True)
class PageStep:
    """Page the people of this step now; if anybody was reached, come back after `wait` and do `then`."""

    round: int
    step: int
    wait: timedelta
    then: Progress


@dataclass(frozen=True)
class PageLastResort:
    """Page the last resort now, for the `reminder`-th time from 0; come back after `wait` and do `then`."""

    reminder: int
    wait: timedelta
    then: Progress


@dataclass(frozen=True)
class End:
    """Everybody was asked as often as was promised: the timer ends."""


def decide(plan: Plan, progress: Progress) -> PageStep | PageLastResort | End:
    """What a run that is due does now."""
    if (
        progress.state is EscalationState.RUNNING
        and progress.round < plan.rounds
        and progress.step < len(plan.waits)
    ):
        return PageStep(progress.round, progress.step, plan.waits[progress.step], then=_after(plan, progress))
    if progress.state in (EscalationState.RUNNING, EscalationState.LAST_RESORT):
        if progress.reminder >= LAST_RESORT_TIMES:
            return End()
        then = Progress(EscalationState.LAST_RESORT, progress.round, progress.step, progress.reminder + 1)
        return PageLastResort(progress.reminder, LAST_RESORT_EVERY, then)
    return End()


def _after(plan: Plan, progress: Progress) -> Progress:
    if progress.step + 1 < len(plan.waits):
        return Progress(EscalationState.RUNNING, progress.round, progress.step + 1)
    if progress.round + 1 < plan.rounds:
        return Progress(EscalationState.RUNNING, progress.round + 1, 0)
    return Progress(EscalationState.RUNNING, plan.rounds, 0)
