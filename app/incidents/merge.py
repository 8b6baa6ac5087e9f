"""Two incidents turn out to be one: the duplicate closes, and what is alive in it goes on in the other."""

from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.lifecycle import InvalidTransition, incident_after
from app.domain.timeline import Kind, Subject
from app.incidents import assemble, tell, watch
from app.incidents.models import Incident, IncidentTask
from app.people.models import User
from app.timeline.record import record


def merge(duplicate: Incident, into: Incident, *, by: User, at: datetime) -> None:
    """Alerts, services, who is there, who follows and the open tasks move over; its own timeline stays its own.

    Both are locked. A second time changes nothing. Raises InvalidTransition for what cannot be one.
    """
    if duplicate.merged_into_id == into.id:
        return
    _may_be_one(duplicate, into)
    duplicate.status = incident_after(duplicate.status, "merge")
    duplicate.merged_into_id, duplicate.closed_at, duplicate.next_update_at = into.id, at, None
    duplicate.updated_at = into.updated_at = at
    alerts = list(duplicate.alerts)
    duplicate.alerts.clear()
    db.session.flush()  # an alert is of one incident at a time
    into.alerts.extend(alerts)
    into.services.extend(service for service in duplicate.services if service not in into.services)
    into.detected_at = min(into.detected_at, duplicate.detected_at)
    for member in duplicate.members:
        if member.is_there:
            assemble.put_in(into, member.user, at=at)
    for person in watch.watchers(duplicate):
        watch.watch(into, by=person, at=at)
    tasks = sa.update(IncidentTask).where(IncidentTask.incident_id == duplicate.id)
    db.session.execute(tasks.where(IncidentTask.done_at.is_(None)).values(incident_id=into.id))
    record(Kind.MERGED, Subject.INCIDENT, duplicate.id, at=at, by=by, into=into.number)
    record(Kind.MERGED_IN, Subject.INCIDENT, into.id, at=at, by=by, number=duplicate.number, alerts=len(alerts))
    tell.it_moved(duplicate, by=by, at=at)


def _may_be_one(duplicate: Incident, into: Incident) -> None:
    if duplicate.id == into.id:
        raise InvalidTransition("An incident is not a duplicate of itself. Choose another.")
    if not into.is_open:
        raise InvalidTransition(f"Incident {into.number} is over. Reopen it first, or choose another.")
    if duplicate.is_restricted != into.is_restricted:
        raise InvalidTransition("One of them is restricted and the other is not. Make them alike first.")
