"""Questions about incidents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.alerts.models import Alert, Service
from app.database import db
from app.domain.joining import Open
from app.domain.words import IncidentSeverity, IncidentStatus
from app.incidents import access
from app.incidents.models import Incident, IncidentAlert, IncidentMember
from app.people.models import User


def locked(incident_id: int) -> Incident | None:
    """The incident, for changing. Take the time of the change after this."""
    return db.session.scalars(
        sa.select(Incident)
        .where(Incident.id == incident_id, Incident.removed_at.is_(None))
        .options(selectinload(Incident.alerts), selectinload(Incident.services))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def incident_of(alert_id: int) -> Incident | None:
    """The incident an alert belongs to, if any."""
    return db.session.scalars(
        sa.select(Incident).join(IncidentAlert).where(IncidentAlert.alert_id == alert_id)
    ).one_or_none()


def open_to_join(alert: Alert) -> list[Open]:
    """The open incidents that touch the alert's service or its source's group; a restricted one takes nothing
    by itself.
    """
    groups = sa.and_(Alert.group_key == alert.group_key, Alert.integration_id == alert.integration_id)
    touching = sa.or_(Incident.services.any(Service.id == alert.service_id), Incident.alerts.any(groups))
    over = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)
    rows = sa.select(Incident).where(
        Incident.status.not_in(over), ~Incident.is_restricted, Incident.removed_at.is_(None), touching
    )
    return [
        Open(
            each.id, each.declared_at, frozenset(service.id for service in each.services),
            frozenset((a.integration_id, a.group_key) for a in each.alerts if a.integration_id and a.group_key),
        )
        for each in db.session.scalars(
            rows.options(selectinload(Incident.services), selectinload(Incident.alerts))
        )
    ]  # fmt: skip


def all_alerts_over(incident: Incident) -> bool:
    """Every alert of the incident is resolved, and it has some: time to ask whether it is over."""
    return bool(incident.alerts) and not any(alert.is_open for alert in incident.alerts)


def open_alerts(incident: Incident) -> list[Alert]:
    """What resolving the incident offers to resolve with it."""
    return [alert for alert in incident.alerts if alert.is_open]


class Order(StrEnum):
    """How a list of incidents is ordered; those that are over come last in each."""

    WORST = "severity"
    NEWEST = "elapsed"
    LONGEST = "-elapsed"
    NUMBER = "number"


@dataclass(frozen=True)
class Wanted:
    """One of each that is not empty."""

    severities: frozenset[IncidentSeverity] = frozenset()
    services: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    order: Order = Order.WORST

    @property
    def is_narrow(self) -> bool:
        return bool(self.severities or self.services or self.teams)

    def holds(self, incident: Incident) -> bool:
        """A supporting team's incidents are its as well."""
        services = {each.id for each in incident.services}
        teams = {each.id for each in incident.supporting_teams} | {incident.team_id}
        return (
            (not self.severities or incident.severity in self.severities)
            and (not self.services or bool(self.services & services))
            and (not self.teams or bool(self.teams & teams))
        )


def incidents(
    user: User, *, is_open: bool = False, commander_id: int | None = None, limit: int = 200,
    order: Order = Order.WORST,
) -> Sequence[Incident]:  # fmt: skip
    """Those a person may read, those that are over last: the worst first, or in another order."""
    over = Incident.status.in_((IncidentStatus.RESOLVED, IncidentStatus.CLOSED))
    rows = sa.select(Incident).where(access.incidents_seen_by(user)).options(
        joinedload(Incident.commander), joinedload(Incident.team), selectinload(Incident.services),
        selectinload(Incident.supporting_teams),
    )  # fmt: skip
    if is_open:
        rows = rows.where(~over)
    if commander_id is not None:
        rows = rows.where(Incident.commander_id == commander_id)
    began = sa.func.coalesce(Incident.impact_started_at, Incident.detected_at)
    first = {
        Order.WORST: sa.case((over, ""), else_=sa.cast(Incident.severity, sa.String)),
        Order.NEWEST: began.desc(),
        Order.LONGEST: began,
        Order.NUMBER: Incident.id,
    }
    return db.session.scalars(rows.order_by(over, first[order], Incident.id.desc()).limit(limit)).all()


def shown(incident_id: int, user: User) -> Incident | None:
    """The incident with what its screen shows beside it; None where this person may not read it."""
    return db.session.scalars(
        sa.select(Incident)
        .where(Incident.id == incident_id, access.incidents_seen_by(user))
        .options(
            joinedload(Incident.commander), joinedload(Incident.declared_by), selectinload(Incident.services),
            selectinload(Incident.members).options(
                joinedload(IncidentMember.user), joinedload(IncidentMember.team)
            ),
            selectinload(Incident.alerts).options(joinedload(Alert.service), joinedload(Alert.acknowledged_by)),
        )
    ).one_or_none()  # fmt: skip


def last_closed() -> datetime | None:
    """When the last incident was closed; None when none ever was."""
    moment: datetime | None = db.session.scalar(sa.select(sa.func.max(Incident.closed_at)))
    return moment
