"""Postmortems."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.domain.words import IncidentSeverity, PostmortemPart, PostmortemState
from app.web.api.shapes.common import Draft, Id, ListQuery, Moment, Named, Shape, absent, any_of


class PostmortemQuery(ListQuery):
    state: Annotated[list[PostmortemState], Field(max_length=3)] = any_of()


class PostmortemDraft(Draft):
    """For an incident that is over; one that has a postmortem answers with it."""

    incident_id: Id


class PartChange(Draft):
    """`seen` is the `version` that was read: what others wrote elsewhere in the part since stays; where both
    changed one paragraph it is refused (409). Left out, the text takes the place of whatever is there.
    """

    text: Annotated[str, StringConstraints(max_length=50_000)]
    seen: int | None = None


class PostmortemChanges(Draft):
    owner_id: Id = absent()


class Comment(Draft):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
    part: PostmortemPart | None = None


class Part(Shape):
    """`text` is Markdown as it was written; `missing` says that it must be written before publishing."""

    part: PostmortemPart
    title: str
    text: str
    version: int
    written_by: Named | None
    written_at: Moment
    missing: bool


class ChronologyLine(Shape):
    """`event_id` is the entry of the timeline that it stands on; null where people added it."""

    id: str
    at: Moment
    says: str
    event_id: str | None


class Said(Shape):
    id: str
    text: str
    part: PostmortemPart | None
    by: Named
    at: Moment


class Incident(Shape):
    id: str
    number: int
    title: str
    severity: IncidentSeverity


class Postmortem(Shape):
    id: str
    incident: Incident
    state: PostmortemState
    owner: Named | None
    opened_at: Moment
    updated_at: Moment
    published_at: Moment | None
    parts: list[Part]


class Chronology(Shape):
    items: list[ChronologyLine]


class Comments(Shape):
    items: list[Said]
