"""A line that somebody wants the others to read."""

from datetime import datetime

from app.alerts.models import Alert
from app.domain.timeline import Kind, Subject
from app.people.models import User
from app.timeline.record import record


def note(alert: Alert, text: str, *, by: User, at: datetime) -> None:
    alert.updated_at = at
    record(Kind.NOTED, Subject.ALERT, alert.id, at=at, by=by, text=text)
