"""Who gets copies of a schedule's pages."""

from app.web.api.shapes.common import Draft, Id, ListQuery, Moment, Shape, any_of


class ShadowDraft(Draft):
    """From `start` (left out: now) to `end` (left out: until it is deleted)."""

    schedule_id: Id
    user_id: Id
    start: Moment | None = None
    end: Moment | None = None


class Shadow(Shape):
    id: str
    schedule_id: str
    user_id: str
    start: Moment
    end: Moment | None
    created_at: Moment


class ShadowQuery(ListQuery):
    schedule_id: list[str] = any_of()
    user_id: list[str] = any_of()
