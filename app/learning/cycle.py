"""What a service's incidents taught: how far each is from resolved to learned (S-02)."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.alerts.models import Service
from app.database import db
from app.incidents import access
from app.incidents.models import Incident
from app.learning import action_queries, queries
from app.learning.models import ActionItem, Postmortem
from app.people.models import User

SHOWN = 5


@dataclass(frozen=True)
class Taught:
    """An incident, its postmortem as far as this person reads it, and its actions."""

    incident: Incident
    postmortem: Postmortem | None
    promised: int
    carried_out: int


def of_service(service: Service, user: User) -> Sequence[Taught]:
    """Its last incidents that this person may read, the newest first."""
    rows = sa.select(Incident).where(
        access.incidents_seen_by(user), Incident.merged_into_id.is_(None),
        Incident.services.any(Service.id == service.id),
    )  # fmt: skip
    incidents = db.session.scalars(rows.order_by(Incident.id.desc()).limit(SHOWN)).all()
    numbers = [each.id for each in incidents]
    written = sa.select(Postmortem).where(Postmortem.id.in_(numbers), queries.seen_by(user))
    postmortems = {each.id: each for each in db.session.scalars(written)}
    counted = (
        sa.select(ActionItem.incident_id, sa.func.count(), sa.func.count(ActionItem.done_at))
        .where(ActionItem.incident_id.in_(numbers), action_queries.seen_by(user))
        .group_by(ActionItem.incident_id)
    )
    actions = {row[0]: (row[1], row[2]) for row in db.session.execute(counted)}
    return [Taught(each, postmortems.get(each.id), *actions.get(each.id, (0, 0))) for each in incidents]
