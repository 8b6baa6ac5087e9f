"""Coordinated work on something wrong."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.alerts.models import Alert, Service
from app.database import Model
from app.domain.lifecycle import phase_of
from app.domain.words import Attendance, IncidentRole, IncidentSeverity, IncidentStatus, Phase
from app.people.models import Team, User

HELD_BY_ONE = sa.text("role IN ('scribe', 'communications') AND attendance IN ('asked', 'joined')")


class Incident(Model):
    """Its number, what people say and addresses use, is its id. The phase follows the status."""

    __tablename__ = "incident"
    __table_args__ = (sa.Index("incident_declared_at_index", "declared_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    severity: Mapped[IncidentSeverity]
    status: Mapped[IncidentStatus]
    commander_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    commander_since: Mapped[datetime | None]
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"), index=True)
    declared_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    impact_started_at: Mapped[datetime | None]
    detected_at: Mapped[datetime]
    declared_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    mitigated_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    resolution: Mapped[str | None]
    impact: Mapped[str] = mapped_column(default="", server_default="")  # who notices, in plain words
    reopen_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    commander: Mapped[User | None] = relationship(foreign_keys=[commander_id])
    declared_by: Mapped[User | None] = relationship(foreign_keys=[declared_by_id])
    team: Mapped[Team | None] = relationship()
    services: Mapped[list[Service]] = relationship(secondary="incident_service", order_by=Service.id)
    alerts: Mapped[list[Alert]] = relationship(secondary="incident_alert", order_by=Alert.id)
    members: Mapped[list["IncidentMember"]] = relationship(order_by="IncidentMember.id")
    supporting_teams: Mapped[list[Team]] = relationship(secondary="incident_team", order_by=Team.name)

    @property
    def number(self) -> int:
        return self.id

    @property
    def phase(self) -> Phase:
        return phase_of(self.status)

    @property
    def is_open(self) -> bool:
        return self.status not in (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)


class IncidentService(Model):
    __tablename__ = "incident_service"

    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("service.id"), primary_key=True)


class IncidentAlert(Model):
    """An alert belongs to one incident at most."""

    __tablename__ = "incident_alert"

    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), primary_key=True)
    alert_id: Mapped[int] = mapped_column(sa.ForeignKey("alert.id"), primary_key=True, unique=True)


class IncidentMember(Model):
    """Somebody in an incident, once: asked, there, or not. Who commands stands in the incident itself."""

    __tablename__ = "incident_member"
    __table_args__ = (
        sa.UniqueConstraint("incident_id", "user_id"),
        # one scribe and one communications at a time, whoever presses at once
        sa.Index(
            "one_holder_per_role", "incident_id", "role", unique=True,
            sqlite_where=HELD_BY_ONE, postgresql_where=HELD_BY_ONE,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    role: Mapped[IncidentRole]
    attendance: Mapped[Attendance]
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))  # for which they were asked
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    team: Mapped[Team | None] = relationship()

    @property
    def is_there(self) -> bool:
        return self.attendance is Attendance.JOINED


class IncidentTeam(Model):
    """A team that supports an incident besides the one it belongs to (L-INC-05)."""

    __tablename__ = "incident_team"

    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), primary_key=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"), primary_key=True)
