"""Coordinated work on something wrong."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.domain.words import Attendance, IncidentRole, IncidentSeverity, IncidentStatus, Phase
from app.web.api.shapes.common import Draft, Id, ListQuery, Moment, Named, Shape, Text, absent, any_of

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1024)]


class IncidentAlert(Shape):
    id: str
    number: int
    title: str


class Commander(Named):
    since: Moment | None


class IncidentMember(Named):
    """Somebody who was asked in, or came. The commander is one of them."""

    role: IncidentRole
    attendance: Attendance
    asked_at: Moment
    answered_at: Moment | None


class Incident(Shape):
    id: str
    number: int
    title: str
    severity: IncidentSeverity
    status: IncidentStatus
    phase: Phase
    commander: Commander | None
    team: Named | None
    declared_by: Named | None
    members: list[IncidentMember]
    supporting_teams: list[Named]
    services: list[Named]
    alerts: list[IncidentAlert]
    impact_started_at: Moment | None
    detected_at: Moment
    declared_at: Moment
    acknowledged_at: Moment | None
    mitigated_at: Moment | None
    resolved_at: Moment | None
    closed_at: Moment | None
    resolution: str | None
    impact: str
    next_update_at: Moment | None
    reopen_count: int
    is_restricted: bool
    merged_into: str | None
    created_at: Moment
    updated_at: Moment


class IncidentQuery(ListQuery):
    """`service` is an id or an exact name; newest first."""

    status: list[IncidentStatus] = any_of()
    severity: list[IncidentSeverity] = any_of()
    service: list[str] = any_of()


class PromotionDraft(Draft):
    """What is not given is suggested by the alert: its title, the severity that goes with its own.

    It joins an open incident of its source's group, else one of its service declared in the last 30 minutes,
    unless it shall be `alone`.
    """

    title: Title | None = None
    severity: IncidentSeverity | None = None
    alone: bool = False


class Declaration(Draft):
    """By hand, without an alert. Without a title it is named after its service."""

    severity: IncidentSeverity
    title: Title | None = None
    service_id: Id | None = None
    impact: Text = ""
    is_restricted: bool = False


class IncidentChanges(Draft):
    """Exactly one person commands at a time. A corrected `detected_at` takes a `because`."""

    detected_at: Moment = absent()
    because: Text = absent()
    impact: Text = absent()

    severity: IncidentSeverity = absent()
    commander_id: Id = absent()
    is_restricted: bool = absent()


class Merger(Draft):
    into_id: Id


class Removal(Draft):
    """Why it never was an incident."""

    because: Text


class Handover(Draft):
    """`instead_of` is who commanded when it was decided; null for nobody. Left out, whoever does."""

    user_id: Id
    instead_of: Id | None = absent()


class Asking(Draft):
    """Without a role they are a responder."""

    user_id: Id
    role: IncidentRole | None = None


class RoleGiven(Draft):
    role: IncidentRole


class Support(Draft):
    team_id: Id


class Answer(Draft):
    """`joined`, `declined` or `left`."""

    answer: Attendance


class Closure(Draft):
    """With `keep_tasks` the tasks that are open stay open as follow-ups."""

    keep_tasks: bool = False


class IncidentResolution(Draft):
    """`alert_ids` names the incident's open alerts that are over with it; the others stay open."""

    resolution: Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)] | None = None
    alert_ids: Annotated[list[Id], Field(default_factory=list, max_length=1000)]
