"""/api/v1/alerts: what is wrong. What people do about it is in alert_actions.py."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.alerts.models import Alert, Service
from app.domain.timeline import Subject
from app.incidents import access
from app.people.models import Team
from app.people.rights import Act
from app.timeline.models import Event
from app.web import serialize
from app.web.api.auth import me, need
from app.web.api.find import by_id_or_name, found
from app.web.api.listing import each, listing
from app.web.api.noun import noun
from app.web.api.shapes import alerts as shapes
from app.web.api.shapes.common import Listing, ListQuery

alerts = noun("alerts", "Signals that something is wrong, and what people do about them.")

WHOLE = (
    joinedload(Alert.service), joinedload(Alert.integration), joinedload(Alert.team),
    joinedload(Alert.acknowledged_by), joinedload(Alert.assigned_to), joinedload(Alert.raised_by),
    joinedload(Alert.escalation),
)  # fmt: skip


@alerts.get("")
@alerts.input(shapes.AlertQuery, location="query", arg_name="query")
@alerts.output(Listing[shapes.Alert])
def list_alerts(query: shapes.AlertQuery) -> Listing[shapes.Alert]:
    """List alerts, the newest first unless `sort` says otherwise."""
    need(Act.SEE_OPERATIONS)
    select = sa.select(Alert).where(access.alerts_seen_by(me())).options(*WHOLE)
    if query.service:
        wanted = sa.select(Service.id).where(by_id_or_name(Service, query.service))
        select = select.where(Alert.service_id.in_(wanted))
    if query.team:
        select = select.where(Alert.team_id.in_(sa.select(Team.id).where(by_id_or_name(Team, query.team))))
    for column, among in (
        (Alert.status, query.status),
        (Alert.severity, query.severity),
        (Alert.urgency, query.urgency),
        (Alert.dedup_key, query.dedup_key),
    ):
        if among:
            select = select.where(column.in_(among))
    order = {"created_at": Alert.created_at, "updated_at": Alert.updated_at}[query.sort.lstrip("-")]
    return listing(select, query, serialize.alerts, by=[order, Alert.id], descending=query.sort.startswith("-"))


@alerts.get("/<id>")
@alerts.output(shapes.Alert)
def show_alert(id: str) -> shapes.Alert:
    """Show an alert."""
    need(Act.SEE_OPERATIONS)
    return serialize.alert(seen_alert(id))


@alerts.get("/<id>/timeline")
@alerts.input(ListQuery, location="query", arg_name="query")
@alerts.output(Listing[shapes.TimelineEntry])
def list_alert_timeline(id: str, query: ListQuery) -> Listing[shapes.TimelineEntry]:
    """What has happened to an alert, oldest first."""
    need(Act.SEE_OPERATIONS)
    return timeline(Subject.ALERT, seen_alert(id).id, query)


def seen_alert(id: str) -> Alert:
    """The alert an address names, if the caller may see it. Raises Problem 404."""
    return found(Alert, id, "alert", among=access.alerts_seen_by(me()))


def timeline(subject: Subject, subject_id: int, query: ListQuery) -> Listing[shapes.TimelineEntry]:
    """A page of what has happened to a subject."""
    events = (
        sa.select(Event)
        .where(Event.subject_kind == str(subject), Event.subject_id == subject_id)
        .options(joinedload(Event.actor))
    )
    return listing(events, query, each(serialize.event), by=[Event.id])
