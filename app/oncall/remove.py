"""Undo a schedule or a policy that nothing depends on any more."""

from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.swap import EFFECTIVE, PENDING
from app.domain.timeline import Kind, Subject
from app.oncall import ledger, swap
from app.oncall.models import (
    CalendarSource,
    EscalationPolicy,
    FairnessRules,
    Handoff,
    Override,
    Schedule,
    Shadow,
    Swap,
    SwapOffer,
    SwapRules,
)
from app.oncall.record_shifts import record_past
from app.oncall.ring_models import Ring
from app.oncall.unfold import named_by
from app.people.models import User
from app.timeline.record import record


class InUse(Exception):
    """Something still depends on it; the message names what."""


def remove_schedule(schedule: Schedule, *, by: User, at: datetime) -> None:
    """Raises InUse while an escalation policy asks this schedule. What it was stays in the event log."""
    policies = db.session.scalars(sa.select(EscalationPolicy).order_by(EscalationPolicy.name)).all()
    asking = [policy.name for policy in policies if _asks(policy, schedule)]
    if asking:
        raise InUse(f"{schedule.name} is asked by {', '.join(asking)}. Change that first.")
    record_past(at=at, schedule_ids=[schedule.id])
    ledger.close(schedule)
    facts = {"name": schedule.name, "team_id": schedule.team_id, "time_zone": schedule.time_zone}
    record(
        Kind.DELETED, Subject.SCHEDULE, schedule.id, at=at, by=by, before={**facts, "layers": schedule.layers}
    )
    _end_swaps(schedule, by=by, at=at)
    db.session.execute(sa.delete(Override).where(Override.schedule_id == schedule.id))
    swaps = sa.select(Swap.id).where(Swap.schedule_id == schedule.id)
    db.session.execute(sa.delete(SwapOffer).where(SwapOffer.swap_id.in_(swaps)))
    db.session.execute(sa.delete(Swap).where(Swap.schedule_id == schedule.id))
    db.session.execute(sa.delete(Ring).where(Ring.schedule_id == schedule.id))
    db.session.execute(sa.delete(SwapRules).where(SwapRules.schedule_id == schedule.id))
    db.session.execute(sa.delete(Shadow).where(Shadow.schedule_id == schedule.id))
    db.session.execute(sa.delete(Handoff).where(Handoff.schedule_id == schedule.id))
    db.session.execute(sa.delete(FairnessRules).where(FairnessRules.schedule_id == schedule.id))
    db.session.execute(sa.delete(CalendarSource).where(CalendarSource.schedule_id == schedule.id))
    db.session.delete(schedule)
    db.session.flush()


def remove_policy(policy: EscalationPolicy, *, by: User, at: datetime) -> None:
    """The database refuses while a service is paged by it; raises InUse while another policy leads to it.

    Alerts that escalate already keep what they took.
    """
    if leading := named_by(policy.id):
        raise InUse(f"{policy.name} is a step of {', '.join(one.name for one in leading)}. Change that first.")
    facts = {"name": policy.name, "team_id": policy.team_id, "steps": policy.steps, "repeat": policy.repeat}
    record(Kind.DELETED, Subject.ESCALATION_POLICY, policy.id, at=at, by=by, before=facts)
    db.session.delete(policy)
    db.session.flush()


def _asks(policy: EscalationPolicy, schedule: Schedule) -> bool:
    targets = [target for step in policy.steps for target in step["targets"]]
    return any(
        target["kind"] in ("schedule", "next_on_call") and str(target["id"]) == str(schedule.id)
        for target in targets
    )


def _end_swaps(schedule: Schedule, *, by: User, at: datetime) -> None:
    """Whoever is part of a swap that was not over is told that it ends with its schedule."""
    open_ones = sa.select(Swap).where(Swap.schedule_id == schedule.id, Swap.state.in_(EFFECTIVE | PENDING))
    for row in db.session.scalars(open_ones.order_by(Swap.id)).all():
        db.session.refresh(row)
        if row.state in EFFECTIVE | PENDING:  # one that hung on another has ended with it
            swap.cancel(row, by=by, at=at, because=f"{schedule.name} was deleted.")
