"""A policy's steps with those of other policies in their places."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.database import db
from app.domain.policy import Step, TargetKind, parse_steps, steps_to_json, targets_in, unfolded
from app.oncall.models import EscalationPolicy


def unfold(steps: Sequence[Any]) -> list[dict[str, Any]]:
    """The steps as a run goes through them; `steps` as a policy keeps them."""
    parsed = parse_steps(steps)
    if not names_another(parsed):
        return steps_to_json(parsed)
    return steps_to_json(unfolded(parsed, all_steps()))


def names_another(steps: Sequence[Step]) -> bool:
    return any(target.kind is TargetKind.POLICY for _, target in targets_in(steps))


def all_steps() -> dict[int, tuple[Step, ...]]:
    """The steps of every policy by its id."""
    rows = db.session.execute(sa.select(EscalationPolicy.id, EscalationPolicy.steps))
    return {policy_id: parse_steps(steps) for policy_id, steps in rows}


def named_by(policy_id: int) -> list[EscalationPolicy]:
    """The policies a step of which stands for this one."""
    rows = db.session.scalars(sa.select(EscalationPolicy).order_by(EscalationPolicy.name))
    target = {"kind": TargetKind.POLICY, "id": str(policy_id)}
    return [
        row
        for row in rows
        if any(
            {"kind": one["kind"], "id": str(one["id"])} == target
            for step in row.steps
            for one in step["targets"]
        )
    ]
