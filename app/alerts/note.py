"""A line that somebody wants the others to read."""

from datetime import datetime

from app.alerts.models import Alert
from app.domain.notice import NoticeEvent
from app.domain.timeline import Kind, Subject
from app.domain.words import NoticeCategory
from app.notices.post import post
from app.people.models import User
from app.timeline.record import record


def note(alert: Alert, text: str, *, by: User, at: datetime) -> None:
    """Keep it in the timeline, and tell whoever works on the alert."""
    alert.updated_at = at
    record(Kind.NOTED, Subject.ALERT, alert.id, at=at, by=by, text=text)
    if alert.assigned_to is not None:
        post(
            NoticeCategory.ALERTS, NoticeEvent.ALERT_NOTED, to=[alert.assigned_to], by=by, at=at,
            title=f"{by.name} noted: {alert.title}", body=text, link=f"/alerts/{alert.id}",
        )  # fmt: skip
