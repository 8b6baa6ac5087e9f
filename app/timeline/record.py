"""Write one fact into the event log."""

from datetime import datetime
from typing import Any

from flask import g

from app.database import db
from app.domain.timeline import Kind, Subject
from app.people.models import User
from app.timeline.models import Event


def record(
    kind: Kind,
    subject_kind: Subject,
    subject_id: int,
    *,
    at: datetime,
    by: User | None = None,
    **data: Any,
) -> None:
    """Note that `kind` happened to a subject. `by` is None for the source or the engine; `data` fits JSON and
    names people by their ids only. Which program acted is known to the edge, which notes it on `g.token_id`.
    """
    db.session.add(
        Event(
            at=at, kind=str(kind), subject_kind=str(subject_kind), subject_id=subject_id,
            actor_id=None if by is None else by.id, token_id=g.get("token_id"), data=data,
        )
    )  # fmt: skip
