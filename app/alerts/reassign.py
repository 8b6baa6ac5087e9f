"""Somebody else should have it: they are paged first, then the policy goes on as ever."""

from datetime import datetime

from app.alerts import escalate
from app.alerts.models import Alert
from app.domain.lifecycle import InvalidTransition, alert_after
from app.domain.notice import NoticeEvent
from app.domain.timeline import Kind, Subject
from app.domain.words import NoticeCategory
from app.notices.post import post
from app.people.models import User
from app.people.rights import Act, may
from app.timeline.record import record


def reassign(alert: Alert, *, to: User, by: User, at: datetime) -> None:
    """Page `to` now, with the alert back at triggered until they acknowledge."""
    if not to.is_active:
        raise InvalidTransition(f"{to.name} has left, so they cannot be paged.")
    if not may(to, Act.SEE_OPERATIONS):
        raise InvalidTransition(f"{to.name} only looks on, so they cannot be paged.")
    alert.status = alert_after(alert.status, "reassign")
    record(Kind.REASSIGNED, Subject.ALERT, alert.id, at=at, by=by, to_user_id=to.id)
    escalate.restart(alert, at=at, first=to)
    alert.assigned_to_id = to.id
    post(
        NoticeCategory.ALERTS, NoticeEvent.ALERT_ASSIGNED, to=[to], by=by, at=at, link=f"/alerts/{alert.id}",
        title=f"{by.name} gave you: {alert.title}", body=f"{alert.service.name}. You are paged for it, too.",
    )  # fmt: skip
