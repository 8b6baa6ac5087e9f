"""An incident's timeline."""

from typing import Annotated

from pydantic import StringConstraints

from app.web.api.shapes.alerts import TimelineEntry
from app.web.api.shapes.common import Draft, Moment

Key = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class IncidentEntry(TimelineEntry):
    """One fact of the incident, of one of its alerts, or a change of one of its services."""

    subject_kind: str
    subject_id: str
    pinned: bool
    happened_at: Moment | None  # when people said that it happened at another time than `at`


class IncidentNote(Draft):
    """`to_all` makes it a comment. Written offline: `written_at`, and a `key` under which it counts once."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
    to_all: bool = False
    written_at: Moment | None = None
    key: Key | None = None


class EntryTime(Draft):
    happened_at: Moment
    because: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
