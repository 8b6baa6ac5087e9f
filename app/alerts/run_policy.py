"""The policy that a run follows: taken when its first step comes, unmoved by later edits (feature 123)."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.alerts.models import Alert, Service
from app.database import db, once
from app.domain.escalation import Plan, plan_of
from app.domain.flapping import USUAL_LIMIT
from app.domain.policy import DEFAULT_WAIT, Policy
from app.oncall.models import EscalationPolicy
from app.oncall.unfold import unfold
from app.people.models import User

_MINUTE = timedelta(minutes=1)


def taken(alert: Alert, first: User | None = None, *, also: User | None = None) -> dict[str, Any]:
    """A snapshot of the policy as it is now. `first` is asked before all others, `also` with the first step."""
    policy = policy_of(alert)
    if first is not None or also is not None:
        return snapshot(policy, first, also=also)
    return once(("policy", policy and policy.id), lambda: snapshot(policy))


def policy_of(alert: Alert) -> EscalationPolicy | None:
    """The policy of the alert's service; where a rule gave the alert to another team, the usual one of that."""
    team_id = None if alert.escalation is None else alert.escalation.team_id
    if team_id is None:
        return alert.service.escalation_policy
    return once(("usual policy of", team_id), lambda: _usual_of(team_id))


def _usual_of(team_id: int) -> EscalationPolicy | None:
    """The policy that the first of the team's services has; else the team's first."""
    used = sa.select(EscalationPolicy).join(Service).where(Service.team_id == team_id, Service.is_active)
    own = sa.select(EscalationPolicy).where(EscalationPolicy.team_id == team_id).order_by(EscalationPolicy.id)
    found = db.session.scalars(used.order_by(Service.id).limit(1)).one_or_none()
    return found or db.session.scalars(own.limit(1)).one_or_none()


def snapshot(
    policy: EscalationPolicy | None, first: User | None = None, *, also: User | None = None
) -> dict[str, Any]:
    """What a run takes along: the steps, those of other policies in their places; people stay open."""
    steps = [] if policy is None else unfold(policy.steps)
    if also is not None and steps:
        steps[0] = steps[0] | {"targets": [_named(also), *steps[0]["targets"]], "round_robin": False}
    elif also is not None:
        first = also
    if first is not None:
        steps.insert(0, {"wait_minutes": DEFAULT_WAIT // _MINUTE, "targets": [_named(first)]})
    return {
        "id": policy and policy.id,
        "name": "none" if policy is None else policy.name,
        "steps": steps,
        "repeat": 0 if policy is None else policy.repeat,
        "last_resort_user_id": policy and policy.last_resort_user_id,
        "answers": 1 if policy is None else policy.answers,
        "ask_again_minutes": policy and policy.ask_again_minutes,
        "flap_limit": USUAL_LIMIT if policy is None else policy.flap_limit,
    }


def passed_over(alert: Alert) -> dict[str, Any]:
    """What is left of a policy that could not be followed: its last resort."""
    policy = policy_of(alert)
    last = policy and policy.last_resort_user_id
    return snapshot(None) | {
        "id": policy and policy.id, "name": policy.name if policy else "none", "last_resort_user_id": last,
        "passed_over": True,
    }  # fmt: skip


def followed(alert: Alert) -> dict[str, Any]:
    """What the alert's run follows: its snapshot, or before the first step what it would take now."""
    held = None if alert.escalation is None else alert.escalation.policy
    return taken(alert) if held is None else held


def plan_in(policy: dict[str, Any]) -> Plan:
    """When the steps of a snapshot ask."""
    read = Policy.from_json(policy)
    return plan_of(read.steps, repeat=read.repeat)


def steps_of(alert: Alert) -> list[dict[str, Any]]:
    """The steps that the alert would go through if it came now."""
    policy = policy_of(alert)
    return [] if policy is None else unfold(policy.steps)


def _named(user: User) -> dict[str, str]:
    return {"kind": "user", "id": str(user.id)}
