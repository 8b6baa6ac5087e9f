"""What an alert would lead to: who would be paged when if nobody ever acknowledged it, and why."""

from dataclasses import dataclass
from datetime import datetime

from app.alerts.last_resort import line_of
from app.alerts.models import Service
from app.domain.words import LowUrgency, Urgency
from app.oncall import queries
from app.people.models import User


@dataclass(frozen=True)
class Outlook:
    """`asks` in order of time, then the last resort; it is None where its turn never comes."""

    asks: tuple[queries.Ask, ...]
    last_resort: list[User] | None
    last_resort_at: datetime | None
    reasons: tuple[str, ...]
    pages: bool


def explain(service: Service, urgency: Urgency, *, at: datetime) -> Outlook:
    """The outlook for an alert of `service` that arrives at `at`."""
    policy = service.escalation_policy
    reasons = [f"{service.name} belongs to {service.team.name}"]
    if urgency is Urgency.LOW and service.low_urgency is LowUrgency.RECORD:
        return Outlook(
            (), None, None, (*reasons, "Its alerts of low urgency are recorded and page nobody"), False
        )
    if policy is None:
        reasons.append("It has no escalation policy, so the last resort is paged at once")
    else:
        rounds = "once" if policy.repeat == 0 else f"{policy.repeat + 1} times"
        reasons.append(f"Policy {policy.name}: {len(policy.steps)} steps, gone through {rounds}")
    plan = queries.explain(policy, at)
    asks = plan.asks
    if urgency is Urgency.LOW:
        reasons.append("Low urgency asks once and does not escalate")
        first = next((place for place, ask in enumerate(asks) if ask.people), None)
        if first is not None:
            return Outlook(asks[: first + 1], None, None, tuple(reasons), True)
    name, person = (None, None) if policy is None else (policy.name, policy.last_resort_user_id)
    line = line_of(service.team_id, name, person)
    people = line[0][0] if line else []
    return Outlook(asks, people, plan.last_resort_at, tuple(reasons), True)
