"""What anybody may read of an incident."""

from app.web.api.shapes.alerts import TimelineEntry
from app.web.api.shapes.common import Moment, Shape


class Brief(Shape):
    """The seven fields of an update as they are now, what was pinned, and when the next word is promised."""

    issue: str
    service: str
    since: str
    severity: str
    how_far: str
    steps: str
    who: str
    next_update_at: Moment | None
    pinned: list[TimelineEntry]


class Subscription(Shape):
    is_following: bool
