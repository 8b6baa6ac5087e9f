"""Whether an alert of a service would ring somewhere now: the rows behind `domain.readiness`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.alerts.models import Alert, Integration, Service
from app.database import db
from app.domain import readiness
from app.domain.device_test import is_proven
from app.domain.policy import ROOMS, TargetKind
from app.domain.readiness import Finding, PersonFacts, ServiceFacts, StepFacts
from app.oncall.models import EscalationPolicy, Schedule
from app.oncall.proven import proofs
from app.oncall.queries import people_for
from app.oncall.unfold import unfold
from app.people import queries as people
from app.people.models import User

BY_SCHEDULE = {TargetKind.SCHEDULE, TargetKind.NEXT_ON_CALL}


def of(services: Sequence[Service], *, at: datetime) -> dict[int, tuple[Finding, ...]]:
    """What is missing for each of these services now, by its id."""
    known = _Facts(at)
    open_doors = _count(Integration.service_id, Integration.is_active.is_(True))
    alerts = _count(Alert.service_id)
    found = {}
    for service in services:
        facts = ServiceFacts(
            name=service.name,
            steps=_steps(service.escalation_policy, known, at),
            last_resort=tuple(known.of(user) for user in _last_resort(service)),
            integrations=open_doors.get(service.id, 0),
            has_had_an_alert=alerts.get(service.id, 0) > 0,
            has_owner=service.owner_id is not None,
        )
        found[service.id] = readiness.findings(facts)
    return found


class _Facts:
    """Whom a page could ring, and whose ringing was proven lately."""

    def __init__(self, at: datetime) -> None:
        self._at, self._proofs = at, proofs(db.session.scalars(sa.select(User.id)).all())

    def of(self, user: User) -> PersonFacts:
        proven = is_proven(self._proofs.get(user.id), now=self._at)
        return PersonFacts(user.name, user.id in self._proofs, proven)


def _steps(policy: EscalationPolicy | None, known: _Facts, at: datetime) -> tuple[StepFacts, ...] | None:
    if policy is None:
        return None
    steps = unfold(policy.steps)
    names = _schedule_names(steps)
    return tuple(
        StepFacts(
            people=tuple(known.of(user) for user, _ in people_for(step["targets"], at)),
            schedules=tuple(
                names[str(target["id"])]
                for target in step["targets"]
                if target["kind"] in BY_SCHEDULE and str(target["id"]) in names
            ),
            tells=any(target["kind"] in ROOMS for target in step["targets"]),
        )
        for step in steps
    )


def _schedule_names(steps: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    targets = [target for step in steps for target in step["targets"]]
    wanted = {int(target["id"]) for target in targets if target["kind"] in BY_SCHEDULE}
    rows = db.session.execute(sa.select(Schedule.id, Schedule.name).where(Schedule.id.in_(wanted)))
    return {str(row_id): name for row_id, name in rows}


def _last_resort(service: Service) -> Sequence[User]:
    """Who is asked when nobody is left: the policy's person, else the team's manager, else administrators."""
    policy = service.escalation_policy
    for user_id in (policy and policy.last_resort_user_id, service.team.manager_id):
        user = db.session.get(User, user_id) if user_id else None
        if user is not None and user.can_respond:
            return [user]
    return people.administrators()


def _count(column: sa.orm.InstrumentedAttribute[int], *conditions: sa.ColumnElement[bool]) -> dict[int, int]:
    rows = db.session.execute(sa.select(column, sa.func.count()).where(*conditions).group_by(column))
    return {int(key): int(number) for key, number in rows}
