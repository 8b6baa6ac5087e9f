"""What was seen before: past incidents like one that is open, and what ended them then."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from app.alerts.models import Alert, Service
from app.database import db
from app.domain import similar as rules
from app.domain.words import IncidentStatus
from app.incidents import access
from app.incidents.models import Incident, IncidentAlert
from app.learning.models import ActionItem
from app.people.models import User

LOOKED_AT = 100  # incidents of the same services, the newest
SHOWN = 3


@dataclass(frozen=True)
class Seen:
    """A past incident, and what was changed because of it."""

    incident: Incident
    changed: Sequence[str]


def before(incident: Incident, user: User) -> list[Seen]:
    """The likest first, of those that this person may read, resolved before this one was declared."""
    services = [service.id for service in incident.services]
    rows = sa.select(Incident).where(
        access.incidents_seen_by(user), Incident.services.any(Service.id.in_(services)),
        Incident.status.in_((IncidentStatus.RESOLVED, IncidentStatus.CLOSED)),
        Incident.merged_into_id.is_(None), Incident.id != incident.id,
        Incident.resolved_at <= incident.declared_at,
    )  # fmt: skip
    newest = rows.options(selectinload(Incident.services)).order_by(Incident.id.desc()).limit(LOOKED_AT)
    found = db.session.scalars(newest).all()
    keys = _keys([incident.id, *(each.id for each in found)])
    now = _marks(incident, keys)
    scored = [(rules.alike(now, _marks(each, keys)), each) for each in found]
    likest = sorted((pair for pair in scored if pair[0] >= rules.LEAST), key=lambda p: (-p[0], -p[1].id))
    return [Seen(each, _changed(each)) for _, each in likest[:SHOWN]]


def _keys(incidents: Sequence[int]) -> dict[int, set[tuple[int | None, str]]]:
    """Under which keys the alerts of these incidents came."""
    rows = sa.select(IncidentAlert.incident_id, Alert.integration_id, Alert.dedup_key).join(Alert)
    found: dict[int, set[tuple[int | None, str]]] = {number: set() for number in incidents}
    for number, integration, key in db.session.execute(
        rows.where(IncidentAlert.incident_id.in_(incidents)).distinct()
    ):
        if key:
            found[number].add((integration, key))
    return found


def _marks(incident: Incident, keys: dict[int, set[tuple[int | None, str]]]) -> rules.Marks:
    services = frozenset(service.id for service in incident.services)
    return rules.Marks(incident.title, services, frozenset(keys[incident.id]))


def _changed(incident: Incident) -> list[str]:
    rows = sa.select(ActionItem.changed).where(
        ActionItem.incident_id == incident.id, ActionItem.done_at.is_not(None)
    )
    return list(db.session.scalars(rows.order_by(ActionItem.done_at)))
