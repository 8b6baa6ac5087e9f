"""Whom an alert asks next: a policy's plan + where its run stands → what to do now, and when to look again.

A run goes through the steps in order, once a round, for `rounds` rounds; while a step waits, its people are
reminded. When all are done, or nobody could be reached, the last resort is paged every five minutes for an
hour; then the timer ends and administrators see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.domain.policy import Step
from app.domain.words import EscalationState

LAST_RESORT_EVERY = timedelta(minutes=5)
LAST_RESORT_TIMES = 12
ALONE_EVERY = timedelta(minutes=5)  # how often a policy of a single step asks
SHORTEST_GAP = timedelta(minutes=1)  # between two reminders that nobody has set


@dataclass(frozen=True)
class Rung:
    """What of a step decides when it asks: `pages` are the times at which it does, from its begin; the first
    is 0. After `wait` the next step begins.
    """

    pages: tuple[timedelta, ...]
    wait: timedelta


@dataclass(frozen=True)
class Plan:
    """The rungs, and how often all are gone through. No rungs: no policy."""

    rungs: tuple[Rung, ...]
    rounds: int = 1


def plan_of(steps: Sequence[Step], *, repeat: int = 0) -> Plan:
    """When the steps of a policy ask.

    Reminders that nobody has timed are spread over the wait, a minute apart at least. A single step asks every
    five minutes instead, and waits for its last reminder, unless told to wait for less than that (L-ESC-07).
    """
    alone = len(steps) == 1
    return Plan(tuple(_rung(step, alone=alone) for step in steps), repeat + 1)


def _rung(step: Step, *, alone: bool) -> Rung:
    wait, every = step.wait, step.every
    if every is None and alone and step.wait >= ALONE_EVERY:
        every = ALONE_EVERY
        wait = max(step.wait, every * (step.reminders + 1))
    if every is None:
        every = max(SHORTEST_GAP, step.wait / (step.reminders + 1))
    times = (every * number for number in range(step.reminders + 1))
    return Rung(tuple(time for time in times if time < wait), wait)


@dataclass(frozen=True)
class Progress:
    """The next thing a run will do: `step` of `round`, its page number `reminder` (0 is the first), or the
    last resort for the `reminder`-th time.
    """

    state: EscalationState
    round: int = 0
    step: int = 0
    reminder: int = 0


@dataclass(frozen=True)
class PageStep:
    """Page the people of this step now; if anybody was reached, come back after `wait` and do `then`.

    `left` is how long the step still waits, `since` how long it has. A `reminder` above 0 asks again.
    """

    round: int
    step: int
    wait: timedelta
    then: Progress
    reminder: int = 0
    left: timedelta = timedelta(0)
    since: timedelta = timedelta(0)


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
        and progress.step < len(plan.rungs)
    ):
        rung = plan.rungs[progress.step]
        number = min(progress.reminder, len(rung.pages) - 1)
        since, more = rung.pages[number], rung.pages[number + 1 :]
        following = more[0] if more else rung.wait
        then = (
            Progress(EscalationState.RUNNING, progress.round, progress.step, number + 1)
            if more
            else next_step(plan, progress)
        )
        return PageStep(
            progress.round, progress.step, following - since, then, number, rung.wait - since, since
        )
    if progress.state in (EscalationState.RUNNING, EscalationState.LAST_RESORT):
        # a run that has just come past its steps counts the last resort's pages from 0
        times = progress.reminder if progress.state is EscalationState.LAST_RESORT else 0
        if times >= LAST_RESORT_TIMES:
            return End()
        then = Progress(EscalationState.LAST_RESORT, progress.round, progress.step, times + 1)
        return PageLastResort(times, LAST_RESORT_EVERY, then)
    return End()


def next_step(plan: Plan, progress: Progress) -> Progress:
    """Where the run goes when the step of `progress` is given up or over, whatever reminders it still had."""
    if progress.step + 1 < len(plan.rungs):
        return Progress(EscalationState.RUNNING, progress.round, progress.step + 1)
    if progress.round + 1 < plan.rounds:
        return Progress(EscalationState.RUNNING, progress.round + 1, 0)
    return Progress(EscalationState.RUNNING, plan.rounds, 0)


def past_reminders(plan: Plan, progress: Progress) -> Progress:
    """The next step to begin: of a run that waits within a step, the one after it."""
    within = progress.state is EscalationState.RUNNING and progress.reminder > 0
    return next_step(plan, progress) if within else progress


def begins_in(plan: Plan, progress: Progress) -> timedelta:
    """How long after the next page of this run its next step begins; 0 where that page is its first."""
    doing = decide(plan, progress)
    return doing.left if isinstance(doing, PageStep) and doing.reminder > 0 else timedelta(0)
