"""Who is asked next about an alert, and when, as it looks now: the sentence "Goes to Ben in 3:48"."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.alerts import last_resort, queries
from app.alerts.models import Alert, Escalation
from app.domain.escalation import DEFAULT_WAIT, PageLastResort, PageStep, Plan, Progress, decide
from app.domain.words import EscalationState
from app.oncall.queries import people_for
from app.people.models import User


@dataclass(frozen=True)
class Outlook:
    """`due_at`: None when the timer stands still. `step`: the last one taken, from 1; 0 before the first."""

    due_at: datetime | None
    people: tuple[User, ...]
    is_last_resort: bool
    step: int
    steps: int
    asked_at: datetime | None  # when the last step was taken

    @property
    def wait(self) -> timedelta:
        """How long the running wait is in all."""
        if self.due_at is None or self.asked_at is None:
            return timedelta(0)
        return self.due_at - self.asked_at


def outlook(alert: Alert) -> Outlook:
    """Follow the alert's policy to the next step that has somebody, as the engine would at that time."""
    escalation = queries.escalation_of(alert)
    steps, repeat = _policy(alert, escalation)
    people: tuple[User, ...] = ()
    is_last_resort = False
    if escalation.next_due_at is not None:
        waits = tuple(timedelta(minutes=step.get("wait_minutes", DEFAULT_WAIT / _MINUTE)) for step in steps)
        plan = Plan(waits, rounds=repeat + 1)
        progress = Progress(escalation.state, escalation.round, escalation.step, escalation.reminder)
        while not people and isinstance(doing := decide(plan, progress), PageStep):
            asked = people_for(steps[doing.step]["targets"], escalation.next_due_at)
            people, progress = tuple(user for user, _ in asked), doing.then
        if not people and isinstance(decide(plan, progress), PageLastResort):
            line = last_resort.in_line(alert, escalation)
            people, is_last_resort = tuple(line[0][0]) if line else (), True
    asked_at = escalation.last_step_at
    if asked_at is not None and asked_at < escalation.started_at:
        asked_at = None  # of an earlier run
    return Outlook(
        escalation.next_due_at, people, is_last_resort, _taken(escalation, len(steps)), len(steps), asked_at
    )


_MINUTE = timedelta(minutes=1)


def _policy(alert: Alert, escalation: Escalation) -> tuple[list[dict[str, Any]], int]:
    """What the run follows: its snapshot, or before the first step the service's policy as it is now."""
    if escalation.policy is not None:
        return escalation.policy["steps"], escalation.policy["repeat"]
    policy = alert.service.escalation_policy
    return ([], 0) if policy is None else (policy.steps, policy.repeat)


def _taken(escalation: Escalation, steps: int) -> int:
    if escalation.state is EscalationState.LAST_RESORT:
        return steps
    if escalation.step == 0:
        return steps if escalation.round else 0
    return min(escalation.step, steps)
