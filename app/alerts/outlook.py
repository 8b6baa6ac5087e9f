"""Who is asked next about an alert, and when, as it looks now: the sentence "Goes to Ben in 3:48"."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.alerts import last_resort, queries, run_policy
from app.alerts.models import Alert, Escalation
from app.domain.escalation import (
    PageLastResort,
    PageStep,
    Progress,
    begins_in,
    decide,
    next_step,
    past_reminders,
)
from app.domain.policy import Policy
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
    followed = run_policy.followed(alert)
    policy, plan = Policy.from_json(followed), run_policy.plan_in(followed)
    people: tuple[User, ...] = ()
    is_last_resort, due_at = False, escalation.next_due_at
    if due_at is not None:
        standing = Progress(escalation.state, escalation.round, escalation.step, escalation.reminder)
        due_at += begins_in(plan, standing)
        progress = past_reminders(plan, standing)
        while not people and isinstance(doing := decide(plan, progress), PageStep):
            if policy.steps[doing.step].when.holds(alert.severity, due_at):
                asked = people_for(followed["steps"][doing.step]["targets"], due_at)
                people = tuple(user for user, _ in asked)
            progress = next_step(plan, progress)
        if not people and isinstance(decide(plan, progress), PageLastResort):
            line = last_resort.in_line(alert, escalation)
            people, is_last_resort = tuple(line[0][0]) if line else (), True
    asked_at = escalation.last_step_at
    if asked_at is not None and asked_at < escalation.started_at:
        asked_at = None  # of an earlier run
    steps = len(plan.rungs)
    return Outlook(due_at, people, is_last_resort, _taken(escalation, steps), steps, asked_at)


def _taken(escalation: Escalation, steps: int) -> int:
    if escalation.state is EscalationState.LAST_RESORT:
        return steps
    if escalation.state is EscalationState.RUNNING and escalation.reminder:
        return escalation.step + 1  # its people are being reminded
    if escalation.step == 0:
        return steps if escalation.round else 0
    return min(escalation.step, steps)
