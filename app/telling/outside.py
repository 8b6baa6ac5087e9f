"""What happened becomes a post to each destination that wants to hear of it.

The log is read again for a minute back, since an event may be written before another and committed after it;
a post's key makes it one all the same.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.alerts import facts as alert_facts
from app.alerts.models import Alert, Service
from app.database import db
from app.domain.notice import NoticeEvent
from app.domain.text import one_line
from app.domain.timeline import Kind, Subject
from app.domain.words import IncidentStatus, NoticeCategory, Urgency
from app.incidents.models import Incident
from app.notices.post import post
from app.paging.destinations.models import Destination, Post
from app.paging.destinations.post import post_to
from app.paging.page import Message
from app.people import queries
from app.people.models import User
from app.telling import facts
from app.telling.models import ToldUpTo
from app.timeline.models import Event

LATE = timedelta(seconds=60)  # how long after its own time an event may be committed
THE_ROW = 1

_ALERT, _INCIDENT = Event.subject_kind == Subject.ALERT, Event.subject_kind == Subject.INCIDENT
_IS_RESOLVED = Event.data["to"].as_string() == IncidentStatus.RESOLVED
_TYPE = sa.case(
    (sa.and_(_ALERT, Event.kind.in_((Kind.TRIGGERED, Kind.REOPENED))), "alert.triggered"),
    (sa.and_(_ALERT, Event.kind == Kind.ACKNOWLEDGED), "alert.acknowledged"),
    (sa.and_(_ALERT, Event.kind == Kind.RESOLVED), "alert.resolved"),
    (sa.and_(_INCIDENT, Event.kind == Kind.DECLARED), "incident.declared"),
    (sa.and_(_INCIDENT, Event.kind == Kind.STATUS_CHANGED, _IS_RESOLVED), "incident.resolved"),
    (sa.and_(_INCIDENT, Event.kind.in_((Kind.STATUS_CHANGED, Kind.CLOSED, Kind.REOPENED))),
     "incident.status_changed"),
)  # fmt: skip


def tell(at: datetime, *, limit: int = 200) -> int:
    """Queue what has not been told yet, oldest first. Inside a transaction; returns how many posts."""
    if not _anybody_listens() or queries.is_made_up():
        return 0
    so_far = db.session.get(ToldUpTo, THE_ROW) or ToldUpTo(id=THE_ROW, event_id=0)
    pairs = db.session.execute(_wanted(so_far.event_id).limit(limit)).all()
    for event, there, kind in pairs:
        _queue(event, there, kind, at=at)
    if len(pairs) < limit:
        so_far.event_id = _settled(so_far.event_id, at)
        db.session.add(so_far)
    return len(pairs)


def tell_of_disabled(at: datetime) -> int:
    """Whoever manages the team hears that a destination takes nothing any more; without a team, administrators.

    Inside a transaction; returns how many destinations.
    """
    rows = sa.select(Destination).where(
        Destination.disabled_at.is_not(None), Destination.disabled_told_at.is_(None),
        Destination.removed_at.is_(None),
    ).limit(20)  # fmt: skip
    found = db.session.scalars(rows).all()
    for row in found:
        row.disabled_told_at = at
        post(
            NoticeCategory.TEAMS, NoticeEvent.DESTINATION_FAILS, to=_keepers(row), by=None,
            title=f"{row.name} hears nothing any more", link=f"/destinations/{row.id}", at=at,
            body=f"It is switched off: {row.disabled_because}. Look at it, and keep it to switch it on again.",
        )  # fmt: skip
    return len(found)


def _keepers(row: Destination) -> list[User]:
    manager = row.team.manager if row.team is not None else None
    return [manager] if manager is not None and manager.is_active else list(queries.administrators())


def _anybody_listens() -> bool:
    live = sa.select(Destination.id).where(Destination.removed_at.is_(None), Destination.disabled_at.is_(None))
    return db.session.scalar(live.limit(1)) is not None


def _wanted(after: int) -> sa.Select[Any]:
    """Events with the destinations that want them and have none of them yet."""
    told = sa.exists().where(
        Post.post_key == sa.cast(Destination.id, sa.Text) + ":event:" + sa.cast(Event.id, sa.Text)
    )
    kind = _TYPE.label("type")
    team = sa.func.coalesce(Service.team_id, Incident.team_id)
    return (
        sa.select(Event, Destination, kind)
        .select_from(Event)
        .outerjoin(Alert, sa.and_(_ALERT, Alert.id == Event.subject_id))
        .outerjoin(Service, Service.id == Alert.service_id)
        .outerjoin(Incident, sa.and_(_INCIDENT, Incident.id == Event.subject_id))
        .join(Destination, sa.or_(Destination.team_id.is_(None), Destination.team_id == team))
        .where(
            Event.id > after, Destination.removed_at.is_(None), Destination.disabled_at.is_(None),
            Event.at >= Destination.created_at,
            sa.or_(Incident.id.is_(None), ~Incident.is_restricted & Incident.removed_at.is_(None)),
            sa.cast(Destination.events, sa.Text).like('%"' + kind + '"%'), ~told,
        )
        .order_by(Event.id, Destination.id)
    )  # fmt: skip


def _settled(after: int, at: datetime) -> int:
    """The last event behind which no other can still appear."""
    recent = sa.select(sa.func.min(Event.id)).where(Event.id > after, Event.at >= at - LATE)
    first = db.session.scalar(recent)
    last = db.session.scalar(sa.select(sa.func.max(Event.id))) or after
    return last if first is None else first - 1


def _queue(event: Event, there: Destination, kind: str, *, at: datetime) -> None:
    actor = event.actor
    if event.subject_kind == Subject.ALERT:
        alert = db.session.get_one(Alert, event.subject_id)
        about, says = alert_facts.alert(alert), _of_alert(alert, kind, actor)
    else:
        incident = db.session.get_one(Incident, event.subject_id)
        about, says = facts.incident(incident), _of_incident(incident, kind, actor)
    by = None if actor is None else {"id": str(actor.id), "name": actor.name}
    post_to(
        there, says, key=f"event:{event.id}", event=kind, subject_kind=event.subject_kind,
        subject_id=event.subject_id, at=at, data={**about, "by": by, "at": alert_facts.moment(event.at)},
    )  # fmt: skip


_ALERT_WORDS = {"alert.triggered": "", "alert.acknowledged": "Taken: ", "alert.resolved": "Over: "}
_INCIDENT_WORDS = {
    "incident.declared": "declared", "incident.status_changed": "moved", "incident.resolved": "resolved",
}  # fmt: skip


def _of_alert(alert: Alert, kind: str, actor: User | None) -> Message:
    title = f"{_ALERT_WORDS[kind]}{one_line(alert.title, limit=150)} · {alert.severity.title()}"
    said = {"alert.acknowledged": "has it", "alert.resolved": "says it is over"}.get(kind)
    body = f"{alert.service.name}, alert {alert.number}."
    body += f" {actor.name} {said}." if said and actor else ""
    return Message(title, body, alert.urgency, severity=alert.severity, service_name=alert.service.name)


def _of_incident(incident: Incident, kind: str, actor: User | None) -> Message:
    title = f"{incident.severity.upper()} {_INCIDENT_WORDS[kind]}: {one_line(incident.title, limit=150)}"
    status = incident.status.replace("_", " ")
    body = f"Incident {incident.number} is {status}." + (f" {actor.name} said so." if actor else "")
    return Message(title, body, Urgency.HIGH, severity=incident.severity)
