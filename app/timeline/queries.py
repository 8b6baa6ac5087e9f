"""Questions to the event log."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain.timeline import Subject
from app.timeline.models import Event


def events_about(subject_kind: Subject, subject_id: int, *, limit: int = 500) -> Sequence[Event]:
    """What happened to a subject, oldest first: the newest `limit` facts, each with its actor."""
    newest = (
        sa.select(Event)
        .where(Event.subject_kind == str(subject_kind), Event.subject_id == subject_id)
        .order_by(Event.id.desc())
        .limit(limit)
        .options(joinedload(Event.actor))
    )
    return list(reversed(db.session.scalars(newest).all()))
