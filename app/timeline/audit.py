"""Questions to the record of who did what: by people, object and time, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain.timeline import Subject
from app.timeline.models import Event, Seal
from app.timeline.seal import audited


@dataclass(frozen=True)
class Wanted:
    """Empty means: does not matter. `person_id`: who did it, or to whom it was done."""

    person_id: int | None = None
    subject_kind: Subject | None = None
    subject_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def select(wanted: Wanted) -> sa.Select[Event]:
    """The events that the chain covers and that are wanted, in no order yet."""
    found = sa.select(Event).where(audited()).options(joinedload(Event.actor))
    if wanted.person_id is not None:
        about = sa.and_(Event.subject_kind == str(Subject.USER), Event.subject_id == wanted.person_id)
        found = found.where(sa.or_(Event.actor_id == wanted.person_id, about))
    if wanted.subject_kind is not None:
        found = found.where(Event.subject_kind == str(wanted.subject_kind))
    if wanted.subject_id is not None:
        found = found.where(Event.subject_id == wanted.subject_id)
    if wanted.since is not None:
        found = found.where(Event.at >= wanted.since)
    if wanted.until is not None:
        found = found.where(Event.at < wanted.until)
    return found


def newest(wanted: Wanted, *, before: int | None, limit: int) -> Sequence[Event]:
    """A page of what is wanted, older than the event `before`."""
    found = select(wanted).order_by(Event.id.desc()).limit(limit)
    return db.session.scalars(found if before is None else found.where(Event.id < before)).all()


def seals_of(events: Sequence[Event]) -> dict[int, Seal]:
    """Their places in the chain, by event; one that is missing waits for the engine."""
    ids = [event.id for event in events]
    return {seal.event_id: seal for seal in db.session.scalars(sa.select(Seal).where(Seal.event_id.in_(ids)))}
