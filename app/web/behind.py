"""Who is asked when I do not answer, and after how long."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from app import clock
from app.database import db
from app.oncall.models import EscalationPolicy
from app.oncall.queries import explain
from app.people.models import User
from app.web.words import lasted


@dataclass(frozen=True)
class Behind:
    person: User
    says: str


def behind(viewer: User, schedule_id: int) -> Behind | None:
    """The first person after `viewer` in a policy that asks this schedule; None when nobody is."""
    now = clock.now()
    for policy in db.session.scalars(sa.select(EscalationPolicy).order_by(EscalationPolicy.id)):
        if not any(_asks(step, schedule_id) for step in policy.steps):
            continue
        asked_at = None
        for ask in explain(policy, now).asks:
            people = [person for person, _ in ask.people]
            if asked_at is None and any(person.id == viewer.id for person in people):
                asked_at = ask.at
            elif asked_at is not None and people and people[0].id != viewer.id:
                wait: timedelta = ask.at - asked_at
                return Behind(people[0], f"Paged if you do not answer in {lasted(wait)}")
    return None


def _asks(step: dict[str, object], schedule_id: int) -> bool:
    targets = step.get("targets")
    return isinstance(targets, list) and any(
        target.get("kind") == "schedule" and str(target.get("id")) == str(schedule_id) for target in targets
    )
