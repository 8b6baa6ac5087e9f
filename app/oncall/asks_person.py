"""How long the steps wait that may ask one person: what their own later rules have to be sooner than."""

from datetime import timedelta

import sqlalchemy as sa

from app.database import db
from app.domain.escalation import plan_of
from app.domain.invalid import InvalidField
from app.domain.layers import parse_layers, people_in
from app.domain.policy import Target, TargetKind, parse_steps
from app.oncall.models import EscalationPolicy, Schedule
from app.people.models import Membership


def longest_wait(user_id: int) -> timedelta | None:
    """The longest that a step which may ask this person waits; None where no policy names them in any way."""
    teams = set(db.session.scalars(sa.select(Membership.team_id).where(Membership.user_id == user_id)))
    schedules = {row.id for row in db.session.scalars(sa.select(Schedule)) if user_id in _people(row)}
    asks = {
        TargetKind.USER: {user_id},
        TargetKind.TEAM: teams,
        TargetKind.SCHEDULE: schedules,
        TargetKind.NEXT_ON_CALL: schedules,
    }

    def asked(targets: tuple[Target, ...]) -> bool:
        return any(target.id in asks.get(target.kind, ()) for target in targets)

    waits = [
        rung.wait
        for steps in db.session.scalars(sa.select(EscalationPolicy.steps))
        for step, rung in zip(parse_steps(steps), plan_of(parse_steps(steps)).rungs, strict=True)
        if asked(step.targets)
    ]
    return max(waits, default=None)


def _people(row: Schedule) -> set[int]:
    try:
        return {user_id for _, user_id in people_in(parse_layers(row.layers))}
    except InvalidField:  # nobody is on call on a schedule that cannot be read
        return set()
