"""Shapes of the audit log."""

from app.domain.timeline import Subject
from app.web.api.shapes.common import Id, ListQuery, Moment, Named, Shape


class AuditEvent(Shape):
    """Something a person or a program did. `position` and `digest` are its seal; null while it waits for it.

    `data` holds ids and words, never a person's name or address.
    """

    id: str
    at: Moment
    kind: str
    subject_kind: str
    subject_id: str
    actor: Named | None
    token_id: str | None
    data: dict[str, object]
    position: int | None
    digest: str | None


class AuditQuery(ListQuery):
    """`person` did it, or had it done to them. From `since`, and before `until`."""

    person: Id | None = None
    subject_kind: Subject | None = None
    subject_id: Id | None = None
    since: Moment | None = None
    until: Moment | None = None
