"""A postmortem is opened with what is known already, by itself for the severities the organisation chose."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.domain import postmortem as rules
from app.domain.lifecycle import InvalidTransition
from app.domain.text import prose
from app.domain.timeline import Kind, Subject
from app.domain.words import IncidentStatus, PostmortemPart, PostmortemState
from app.incidents import queries as incidents
from app.incidents import stream
from app.incidents.models import Incident
from app.learning import prefill, tell
from app.learning.models import Postmortem, PostmortemEntry, PostmortemText
from app.people.models import User
from app.people.queries import organisation
from app.timeline.models import Event
from app.timeline.record import record

LOOKED_BACK = timedelta(days=3)  # what was resolved longer ago has been looked at
OVER = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)


def open_postmortem(incident: Incident, *, by: User | None, at: datetime) -> Postmortem:
    """Begin to write down what was learned: the commander owns it, else whoever opened it. Twice is once.

    Raises InvalidTransition while the incident goes on, and for a duplicate, which has none of its own.
    """
    known = db.session.get(Postmortem, incident.id)
    if known is not None:
        return known
    if incident.is_open:
        raise InvalidTransition("The incident goes on. Its postmortem is written when it is resolved.")
    if incident.merged_into_id is not None:
        raise InvalidTransition(f"It is a duplicate. The postmortem is that of INC-{incident.merged_into_id}.")
    commander = incident.commander if incident.commander is not None and incident.commander.is_active else None
    made = Postmortem(
        id=incident.id, state=PostmortemState.DRAFT, opened_by_id=None if by is None else by.id, opened_at=at,
        updated_at=at,
    )  # fmt: skip
    made.incident, made.owner = incident, commander or by
    db.session.add(made)
    db.session.flush()
    begun, known_already = beginnings(), prefill.texts(incident)
    for part in PostmortemPart:
        text = "\n\n".join(filter(None, (known_already.get(part, ""), begun.get(part, ""))))
        db.session.add(PostmortemText(postmortem_id=made.id, part=part, number=1, text=prose(text), at=at))
    _begin_chronology(made, incident)
    whose = {} if made.owner is None else {"user_id": made.owner.id}
    record(Kind.POSTMORTEM_OPENED, Subject.INCIDENT, incident.id, at=at, by=by, **whose)
    tell.it_is_yours(made, by=by, at=at)
    return made


def due(at: datetime, *, limit: int = 20) -> list[int]:
    """The incidents for which one is to open now."""
    chosen = severities()
    if not chosen:
        return []
    rows = sa.select(Incident.id).where(
        Incident.resolved_at > at - LOOKED_BACK, Incident.severity.in_(chosen), Incident.status.in_(OVER),
        Incident.merged_into_id.is_(None), Incident.removed_at.is_(None),
        ~sa.exists().where(Postmortem.id == Incident.id),
    )  # fmt: skip
    return list(db.session.scalars(rows.order_by(Incident.resolved_at).limit(limit)))


def open_one(number: int, *, at: datetime) -> bool:
    """Open it for an incident that was due, unless that has changed since."""
    incident = incidents.locked(number)
    if incident is None or incident.is_open or incident.merged_into_id is not None:
        return False
    open_postmortem(incident, by=None, at=at)
    return True


def severities() -> list[str]:
    """Those for which one opens by itself."""
    found = organisation()
    return [] if found is None else [str(each) for each in found.postmortem_severities]


def beginnings() -> dict[PostmortemPart, str]:
    """What the organisation's template puts into each part."""
    found = organisation()
    template = {} if found is None else found.postmortem_template
    return {part: str(template.get(part) or "") for part in PostmortemPart}


def _begin_chronology(postmortem: Postmortem, incident: Incident) -> None:
    """What tells how it went; people choose from the whole timeline afterwards."""
    kinds = [str(kind) for kind in rules.TOLD]
    pinned = {event.id for event in stream.all_pinned(incident)}
    rows = sa.select(Event).where(
        stream.told_to(None, incident), sa.or_(Event.kind.in_(kinds), Event.id.in_(pinned))
    )
    events = db.session.scalars(rows.order_by(Event.id).limit(rules.MOST_ENTRIES)).all()
    marks = stream.marks(incident, events)
    for event in events:
        mark = marks.get(event.id)
        happened_at = mark.happened_at if mark is not None and mark.happened_at is not None else event.at
        db.session.add(PostmortemEntry(postmortem_id=postmortem.id, event_id=event.id, at=happened_at))
    db.session.flush()
