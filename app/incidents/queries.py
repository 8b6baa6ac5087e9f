"""Questions about incidents."""

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from app.alerts.models import Alert
from app.database import db
from app.incidents.models import Incident, IncidentAlert


def locked(incident_id: int) -> Incident | None:
    """The incident, for changing. Take the time of the change after this."""
    return db.session.scalars(
        sa.select(Incident)
        .where(Incident.id == incident_id)
        .options(selectinload(Incident.alerts), selectinload(Incident.services))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def incident_of(alert_id: int) -> Incident | None:
    """The incident an alert belongs to, if any."""
    return db.session.scalars(
        sa.select(Incident).join(IncidentAlert).where(IncidentAlert.alert_id == alert_id)
    ).one_or_none()


def all_alerts_over(incident: Incident) -> bool:
    """Every alert of the incident is resolved, and it has some: time to ask whether it is over."""
    return bool(incident.alerts) and not any(alert.is_open for alert in incident.alerts)


def open_alerts(incident: Incident) -> list[Alert]:
    """What resolving the incident offers to resolve with it."""
    return [alert for alert in incident.alerts if alert.is_open]
