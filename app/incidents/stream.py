"""Everything that happened around an incident in one stream: its own events, those of its alerts with their
pages, and the changes of its services. In the order the server recorded them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app import clock
from app.database import db
from app.domain.timeline import Kind, Subject
from app.incidents import access
from app.incidents.models import Incident, IncidentAlert, IncidentService, TimelineMark
from app.paging.models import Delivery, Page
from app.people.models import User
from app.timeline.models import Event

AROUND = timedelta(minutes=30)  # a change this long before the incident may be why
# told by the pin, by the alert's count and by the incident itself
SAID_OTHERWISE = frozenset({str(Kind.PINNED), str(Kind.UNPINNED), str(Kind.REPEATED), str(Kind.PROMOTED)})


@dataclass(frozen=True)
class Receipt:
    """A device showed a page to somebody."""

    at: datetime
    who: str
    device: str


def told_to(user: User | None, incident: Incident) -> sa.ColumnElement[bool]:
    """The events of the stream that this person may read: alerts only those they see. None reads all of it."""
    alerts = sa.select(IncidentAlert.alert_id).where(IncidentAlert.incident_id == incident.id)
    if user is not None:
        seen = access.seen(user, [alert.id for alert in incident.alerts])
        alerts = alerts.where(IncidentAlert.alert_id.in_(seen))
    services = sa.select(IncidentService.service_id).where(IncidentService.incident_id == incident.id)
    ended = incident.resolved_at or clock.now()
    began = min(incident.detected_at, incident.impact_started_at or incident.detected_at) - AROUND
    return sa.or_(
        sa.and_(
            Event.subject_kind == str(Subject.INCIDENT), Event.subject_id == incident.id,
            Event.kind.not_in(SAID_OTHERWISE),
        ),
        sa.and_(
            Event.subject_kind == str(Subject.ALERT), Event.subject_id.in_(alerts),
            Event.kind.not_in(SAID_OTHERWISE),
        ),
        sa.and_(
            Event.subject_kind == str(Subject.SERVICE), Event.subject_id.in_(services),
            Event.kind == str(Kind.CHANGE), Event.at >= began, Event.at <= ended,
        ),
    )  # fmt: skip


def events(
    incident: Incident,
    user: User,
    *,
    limit: int,
    before: int | None = None,
    kinds: frozenset[str] | None = None,
) -> list[Event]:
    """The newest `limit` events before `before`, of some kinds or all, oldest first, with their actors."""
    rows = sa.select(Event).where(told_to(user, incident)).options(joinedload(Event.actor))
    if before is not None:
        rows = rows.where(Event.id < before)
    if kinds is not None:
        rows = rows.where(Event.kind.in_(kinds))
    return list(reversed(db.session.scalars(rows.order_by(Event.id.desc()).limit(limit)).all()))


def receipts(alerts: Iterable[int], *, since: datetime | None, until: datetime | None) -> list[Receipt]:
    """When whose device showed a page about these alerts, oldest first; None is without a bound."""
    rows = (
        sa.select(Delivery)
        .join(Page)
        .where(
            Page.subject_kind == str(Subject.ALERT), Page.subject_id.in_(list(alerts)),
            Delivery.shown_at.is_not(None),
            *(() if since is None else (Delivery.shown_at >= since,)),
            *(() if until is None else (Delivery.shown_at < until,)),
        )
        .options(joinedload(Delivery.page).joinedload(Page.user))
        .order_by(Delivery.shown_at, Delivery.id)
    )  # fmt: skip
    found = db.session.scalars(rows)
    return [Receipt(each.shown_at, each.page.user.name, each.device) for each in found if each.shown_at]


def entry(incident: Incident, user: User, event_id: int) -> Event | None:
    """The event of that number, if it is in the stream and the person may read it."""
    return db.session.scalars(
        sa.select(Event).where(Event.id == event_id, told_to(user, incident))
    ).one_or_none()


def pinned(incident: Incident, user: User) -> Sequence[Event]:
    """What is kept on top, oldest first."""
    rows = _pinned(incident).where(told_to(user, incident)).options(joinedload(Event.actor))
    return db.session.scalars(rows.order_by(Event.id)).all()


def all_pinned(incident: Incident) -> Sequence[Event]:
    """The same, whoever may read it."""
    return db.session.scalars(_pinned(incident)).all()


def _pinned(incident: Incident) -> sa.Select[Event]:
    rows = sa.select(Event).join(TimelineMark, TimelineMark.event_id == Event.id)
    return rows.where(TimelineMark.incident_id == incident.id, TimelineMark.pinned_at.is_not(None))


def marks(incident: Incident, told: Iterable[Event]) -> dict[int, TimelineMark]:
    """What people said about these entries, by the number of the entry."""
    numbers = [event.id for event in told]
    rows = sa.select(TimelineMark).where(
        TimelineMark.incident_id == incident.id, TimelineMark.event_id.in_(numbers)
    )
    return {mark.event_id: mark for mark in db.session.scalars(rows)}
