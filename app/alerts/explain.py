"""What an alert would lead to: who would be paged when and how if nobody ever acknowledged it, and why."""

from dataclasses import dataclass
from datetime import datetime

from app.alerts.models import Service
from app.alerts.run_policy import snapshot
from app.alerts.simulate import Story, simulate
from app.domain.words import LowUrgency, Severity, Urgency

USUAL_SEVERITY = {Urgency.HIGH: Severity.CRITICAL, Urgency.LOW: Severity.WARNING}


@dataclass(frozen=True)
class Explanation:
    """The story, and the sentences before it. `pages` is false where such alerts are only recorded."""

    story: Story
    reasons: tuple[str, ...]
    pages: bool


def explain(
    service: Service, urgency: Urgency, *, at: datetime, severity: Severity | None = None
) -> Explanation:
    """What an alert of `service` at `at` leads to; as severe as usual for its urgency unless given."""
    policy = service.escalation_policy
    reasons = [f"{service.name} belongs to {service.team.name}"]
    if urgency is Urgency.LOW and service.low_urgency is LowUrgency.RECORD:
        reasons.append("Its alerts of low urgency are recorded and page nobody")
        return Explanation(Story((), None, None), tuple(reasons), False)
    taken = snapshot(policy)
    if policy is None:
        reasons.append("It has no escalation policy, so the last resort is paged at once")
    else:
        rounds = "once" if policy.repeat == 0 else f"{policy.repeat + 1} times"
        reasons.append(f"Policy {policy.name}: {len(taken['steps'])} steps, gone through {rounds}")
        if policy.answers > 1:
            reasons.append(f"{policy.answers} people must acknowledge before it stops")
    if urgency is Urgency.LOW:
        reasons.append("Low urgency asks once and does not escalate")
    story = simulate(taken, service.team_id, urgency, severity or USUAL_SEVERITY[urgency], at=at)
    return Explanation(story, tuple(reasons), True)
