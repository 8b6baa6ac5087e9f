"""A line that somebody wants the others to read."""

from collections.abc import Callable
from datetime import datetime

from app.alerts.models import Alert
from app.domain.notice import NoticeEvent
from app.domain.timeline import Kind, Subject
from app.domain.words import NoticeCategory
from app.notices.post import post
from app.people.mentions import named_in
from app.people.models import User
from app.timeline.record import record


def note(
    alert: Alert, text: str, *, by: User, at: datetime, may_read: Callable[[User, Alert], bool] | None = None
) -> None:
    """Keep it in the timeline, and tell whoever works on the alert.

    Whoever it names by @ and `may_read` the alert hears of that instead (L-NOT-06).
    """
    alert.updated_at = at
    record(Kind.NOTED, Subject.ALERT, alert.id, at=at, by=by, text=text)
    named = [each for each in named_in(text) if may_read is not None and may_read(each, alert)]
    has_it = [alert.assigned_to] if alert.assigned_to is not None else []
    others = [each for each in has_it if each not in named]
    for category, event, people, does in (
        # being named is one wish, wherever it happens
        (NoticeCategory.INCIDENTS, NoticeEvent.MENTIONED, named, "names you on"),
        (NoticeCategory.ALERTS, NoticeEvent.ALERT_NOTED, others, "noted:"),
    ):
        title = f"{by.name} {does} {alert.title}"
        post(category, event, to=people, by=by, title=title, body=text, link=f"/alerts/{alert.id}", at=at)
