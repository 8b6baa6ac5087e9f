"""Secret addresses that calendar programs read."""

from app.web.api.shapes.common import Draft, Id, ListQuery, Moment, Named, Shape


class CalendarDraft(Draft):
    """Without `schedule_id` it shows one's own shifts on every schedule."""

    schedule_id: Id | None = None


class Calendar(Shape):
    """`prefix`: the first characters of its secret, by which to tell it from others."""

    id: str
    schedule: Named | None
    prefix: str
    created_at: Moment
    last_used_at: Moment | None


class NewCalendar(Calendar):
    """`url` is the address, with its secret: shown this once."""

    url: str


class CalendarQuery(ListQuery):
    pass
