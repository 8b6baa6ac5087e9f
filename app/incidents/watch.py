"""Follow an incident without working on it: told of its status, its updates and its comments (58).

Following never pages anybody.
"""

from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.incidents.models import Incident, IncidentWatcher
from app.people.models import User


def watch(incident: Incident, *, by: User, at: datetime) -> None:
    """Tell me when it changes. The same again changes nothing."""
    if not watches(incident, by):
        db.session.add(IncidentWatcher(incident_id=incident.id, user_id=by.id, since=at))


def leave(incident: Incident, *, by: User) -> None:
    db.session.execute(_of(sa.delete(IncidentWatcher), incident, by))


def watches(incident: Incident, user: User) -> bool:
    return db.session.get(IncidentWatcher, (incident.id, user.id)) is not None


def watchers(incident: Incident) -> list[User]:
    """Everybody who follows it and is still here."""
    rows = (
        sa.select(User).join(IncidentWatcher).where(IncidentWatcher.incident_id == incident.id, User.is_active)
    )
    return list(db.session.scalars(rows.order_by(User.id)))


def _of(statement: sa.Delete, incident: Incident, user: User) -> sa.Delete:
    return statement.where(IncidentWatcher.incident_id == incident.id, IncidentWatcher.user_id == user.id)
