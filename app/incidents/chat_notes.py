"""What somebody pinned in an incident's own channel stands in its timeline, once."""

from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.slack_words import address_of
from app.domain.timeline import Kind, Subject
from app.domain.words import RoomProvider
from app.incidents.models import Incident, IncidentRoom
from app.people.models import User
from app.timeline.models import Event
from app.timeline.record import record


def incident_of(channel: str) -> int | None:
    """The number of the incident that this channel of Slack was made for."""
    return db.session.scalars(
        sa.select(IncidentRoom.incident_id).where(
            IncidentRoom.provider == RoomProvider.SLACK, IncidentRoom.address == address_of(channel)
        )
    ).first()


def take(
    incident: Incident, text: str, *, message: str, said_at: datetime, by: User | None, at: datetime
) -> bool:
    """Note what was said in Slack, at the time when it was said. `message` is its name there; the same again
    changes nothing, nor do empty words. `incident` is locked, so of two at once the second finds the first.
    """
    noted = sa.select(Event.data).where(
        Event.subject_kind == str(Subject.INCIDENT), Event.subject_id == incident.id,
        Event.kind == str(Kind.NOTED),
    )  # fmt: skip
    if not text or any(each.get("message") == message for each in db.session.scalars(noted)):
        return False
    incident.updated_at = at
    record(
        Kind.NOTED, Subject.INCIDENT, incident.id, at=at, by=by, text=text, chat="Slack", message=message,
        said_at=min(said_at, at).isoformat(),
    )  # fmt: skip
    return True
