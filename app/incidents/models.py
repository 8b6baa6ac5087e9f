"""Coordinated work on something wrong."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.alerts.models import Alert, Service
from app.database import Model
from app.domain.edition import edition
from app.domain.lifecycle import phase_of
from app.domain.words import (
    Attendance,
    Audience,
    FixKind,
    IncidentRole,
    IncidentSeverity,
    IncidentStatus,
    OptionState,
    Outcome,
    Phase,
    Risk,
    RoomProvider,
    RoomUse,
)
from app.people.models import Team, User

HELD_BY_ONE = sa.text("role IN ('scribe', 'communications') AND attendance IN ('asked', 'joined')")

ROOM_DUE = sa.text("next_try_at IS NOT NULL")
UPDATE_DUE = sa.text("next_update_at IS NOT NULL")


class Incident(Model):
    """Its number, what people say and addresses use, is its id. The phase follows the status."""

    __tablename__ = "incident"
    __table_args__ = (
        sa.Index("incident_declared_at_index", "declared_at"),
        sa.Index("incident_resolved_at_index", "resolved_at"),
        sa.Index(
            "incident_update_due_index", "next_update_at", sqlite_where=UPDATE_DUE, postgresql_where=UPDATE_DUE
        ),
    )

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
    next_update_at: Mapped[datetime | None]  # by when the next word is promised
    update_nagged_at: Mapped[datetime | None]
    reopen_count: Mapped[int] = mapped_column(default=0)
    is_restricted: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # S-82
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("incident.id"))
    removed_at: Mapped[datetime | None]  # nobody sees it any more; the row and its log stay
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
    def edition(self) -> str:
        """What has been read of it: another one as soon as something that people change by a form is."""
        return edition({
            "title": self.title, "severity": self.severity, "status": self.status, "impact": self.impact,
            "commander": self.commander_id, "detected": self.detected_at, "resolution": self.resolution,
        })  # fmt: skip

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


class IncidentCycle(Model):
    """One round of diagnosing, recommending, deciding and trying, numbered from 1 (S-46)."""

    __tablename__ = "incident_cycle"
    __table_args__ = (sa.UniqueConstraint("incident_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    number: Mapped[int]
    begun_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Symptom(Model):
    """What somebody sees."""

    __tablename__ = "symptom"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    cycle_id: Mapped[int] = mapped_column(sa.ForeignKey("incident_cycle.id"))
    text: Mapped[str]
    seen_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[datetime]

    cycle: Mapped[IncidentCycle] = relationship()
    seen_by: Mapped[User] = relationship()


class FixOption(Model):
    """A way to fix it. Nothing is being done without the commander's approval or a reason: the rows hold it."""

    __tablename__ = "fix_option"
    __table_args__ = (
        sa.CheckConstraint(
            "state NOT IN ('doing', 'done') OR decided_by_id IS NOT NULL OR bypass_reason IS NOT NULL",
            name="done_with_approval_or_reason",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    cycle_id: Mapped[int] = mapped_column(sa.ForeignKey("incident_cycle.id"))
    what: Mapped[str]
    risk: Mapped[Risk]
    rationale: Mapped[str]
    kind: Mapped[FixKind]
    effect: Mapped[str]
    takes_minutes: Mapped[int | None]
    can_be_undone: Mapped[bool]
    state: Mapped[OptionState]
    proposed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    decided_because: Mapped[str | None]
    bypass_reason: Mapped[str | None]
    begun_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    result: Mapped[str | None]

    cycle: Mapped[IncidentCycle] = relationship()
    proposed_by: Mapped[User] = relationship(foreign_keys=[proposed_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    begun_by: Mapped[User | None] = relationship(foreign_keys=[begun_by_id])


class IncidentUpdate(Model):
    """What people were told, as it was sent: the seven fields of S-49 to S-55."""

    __tablename__ = "incident_update"
    __table_args__ = (sa.UniqueConstraint("incident_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    number: Mapped[int]
    issue: Mapped[str]
    service: Mapped[str]
    since: Mapped[str]
    severity: Mapped[str]
    how_far: Mapped[str]
    steps: Mapped[str]
    who: Mapped[str]
    told_severity: Mapped[IncidentSeverity]
    audience: Mapped[Audience]
    sent_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    sent_at: Mapped[datetime]
    next_at: Mapped[datetime | None]

    sent_by: Mapped[User] = relationship()


class Playbook(Model):
    """A checklist in Markdown, offered by incidents of these severities, services and rules."""

    __tablename__ = "playbook"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    body: Mapped[str]
    severities: Mapped[list[Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    services: Mapped[list[Service]] = relationship(secondary="playbook_service", order_by=Service.name)
    rules: Mapped[list["ResponseRule"]] = relationship(
        secondary="playbook_rule", order_by="ResponseRule.position"
    )


class PlaybookService(Model):
    __tablename__ = "playbook_service"

    playbook_id: Mapped[int] = mapped_column(sa.ForeignKey("playbook.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)


class PlaybookRule(Model):
    __tablename__ = "playbook_rule"

    playbook_id: Mapped[int] = mapped_column(sa.ForeignKey("playbook.id"), primary_key=True)
    rule_id: Mapped[int] = mapped_column(
        sa.ForeignKey("response_rule.id", ondelete="CASCADE"), primary_key=True
    )


class PlaybookTick(Model):
    """A line of a playbook that is done in an incident. `item` is the line's key (`domain.playbook`)."""

    __tablename__ = "playbook_tick"

    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), primary_key=True)
    playbook_id: Mapped[int] = mapped_column(sa.ForeignKey("playbook.id"), primary_key=True)
    item: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    ticked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    ticked_at: Mapped[datetime]

    ticked_by: Mapped[User] = relationship()


class IncidentTask(Model):
    """What somebody is to do. One that is open when the incident closes stays open: it is a follow-up."""

    __tablename__ = "incident_task"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    text: Mapped[str]
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))  # instead of one person
    due_at: Mapped[datetime | None]
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    team: Mapped[Team | None] = relationship()
    done_by: Mapped[User | None] = relationship(foreign_keys=[done_by_id])

    @property
    def edition(self) -> str:
        """Another one as soon as something that its form changes is."""
        whose = {"owner": self.owner_id} if self.team_id is None else {"team": self.team_id}
        return edition({"text": self.text, "due": self.due_at, **whose})


class IncidentWatcher(Model):
    """Somebody who wants to be told when an incident changes, and is not paged for it."""

    __tablename__ = "incident_watcher"

    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True, index=True)
    since: Mapped[datetime]


class TimelineMark(Model):
    """An entry of an incident's timeline that is pinned, or whose time was put right; the event stays."""

    __tablename__ = "timeline_mark"

    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), primary_key=True)
    pinned_at: Mapped[datetime | None]
    happened_at: Mapped[datetime | None]  # instead of the event's own time


class ResponseRule(Model):
    """What then happens by itself to an alert that is so; looked at in the order of `position`."""

    __tablename__ = "response_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    position: Mapped[int]
    is_on: Mapped[bool]
    conditions: Mapped[list[Any]]
    needs_all: Mapped[bool]
    actions: Mapped[list[Any]]
    stops: Mapped[bool]
    after_alert_id: Mapped[int]  # alerts up to this one were there before the rule
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class StatusSubscriber(Model):
    """A mail address outside that hears what the public is told, once whoever reads it has confirmed that."""

    __tablename__ = "status_subscriber"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(unique=True)  # lower case
    asked_at: Mapped[datetime]  # when the question whether they want it was mailed last
    confirmed_at: Mapped[datetime | None]


class IncidentRoom(Model):
    """Where people meet about an incident. Without an address yet, its channel is being made."""

    __tablename__ = "incident_room"
    __table_args__ = (
        sa.Index("incident_room_due_index", "next_try_at", sqlite_where=ROOM_DUE, postgresql_where=ROOM_DUE),
    )

    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), primary_key=True)
    use: Mapped[RoomUse] = mapped_column(primary_key=True)
    provider: Mapped[RoomProvider]
    name: Mapped[str]
    address: Mapped[str | None]
    opened_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    opened_at: Mapped[datetime]
    next_try_at: Mapped[datetime | None]  # when its channel is asked for next
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    problem: Mapped[str | None]  # why its channel could not be made, in words
