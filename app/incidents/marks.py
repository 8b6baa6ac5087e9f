"""Entries of an incident's timeline are pinned, and their times put right. What was recorded never changes."""

from datetime import datetime

from app.database import db
from app.domain.lifecycle import InvalidTransition
from app.domain.timeline import Kind, Subject
from app.incidents.models import Incident, TimelineMark
from app.people.models import User
from app.timeline.models import Event
from app.timeline.record import record


def pin(incident: Incident, event: Event, *, is_pinned: bool, by: User, at: datetime) -> None:
    """Keep an entry on top, or let it go back to its place. The same again changes nothing."""
    mark = _mark(incident, event)
    if (mark.pinned_at is not None) == is_pinned:
        return
    mark.pinned_at = at if is_pinned else None
    record(
        Kind.PINNED if is_pinned else Kind.UNPINNED, Subject.INCIDENT, incident.id, at=at, by=by,
        event_id=event.id,
    )  # fmt: skip


def correct_time(
    incident: Incident, event: Event, happened_at: datetime, *, because: str, by: User, at: datetime
) -> None:
    """When it really happened. The entry keeps its place and shows both times; the timeline says who and why.

    Raises InvalidTransition for a time ahead, or without a reason.
    """
    if happened_at > at:
        raise InvalidTransition("It has happened already. Choose an earlier moment.")
    if not because.strip():
        raise InvalidTransition("Say in a word or two how you know when it happened.")
    mark = _mark(incident, event)
    before = mark.happened_at or event.at
    if before == happened_at:
        return
    mark.happened_at = happened_at
    record(
        Kind.TIME_CORRECTED, Subject.INCIDENT, incident.id, at=at, by=by, event_id=event.id,
        because=because.strip(), **{"from": before.isoformat(), "to": happened_at.isoformat()},
    )  # fmt: skip


def _mark(incident: Incident, event: Event) -> TimelineMark:
    mark = db.session.get(TimelineMark, (incident.id, event.id))
    if mark is None:
        mark = TimelineMark(incident_id=incident.id, event_id=event.id)
        db.session.add(mark)
    return mark
