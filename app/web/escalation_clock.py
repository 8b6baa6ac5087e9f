"""The countdown's words: who is paged next and when, or why nobody is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app import clock
from app.alerts.models import Alert
from app.alerts.outlook import Outlook
from app.alerts.queries import escalation_of
from app.domain.words import AlertStatus, EscalationState, LowUrgency, Urgency
from app.web.words import moment


@dataclass(frozen=True)
class EscalationClock:
    """Runs to `due_at`, or stands still and `says` why."""

    due_at: datetime | None
    next_name: str = ""
    left: timedelta = timedelta(0)
    wait_seconds: int = 1
    used_seconds: int = 0
    says: str = ""
    sign: str = "info"
    mood: str = ""


def clock_of(alert: Alert, ahead: Outlook) -> EscalationClock | None:
    """None when somebody has the alert or it is over: then there is nothing to count down to."""
    if alert.status is not AlertStatus.TRIGGERED:
        return None
    if ahead.due_at is None:
        return EscalationClock(None, says=_why_it_stands(alert))
    now = clock.now()
    if not ahead.people:
        return EscalationClock(
            None, says=f"Nobody is left to ask. Tried again at {moment(ahead.due_at)}", sign="warning"
        )
    left = max(ahead.due_at - now, timedelta(0))
    wait = max(ahead.wait, left, timedelta(seconds=1))
    return EscalationClock(
        ahead.due_at, _names(ahead), left, int(wait.total_seconds()), int((wait - left).total_seconds())
    )


def _names(ahead: Outlook) -> str:
    first, *rest = (person.name for person in ahead.people)
    return f"{first} and {len(rest)} more" if rest else first


def _why_it_stands(alert: Alert) -> str:
    if escalation_of(alert).state is EscalationState.HELD:
        return "Restored from a backup, needs review. Escalate it if it still holds, resolve it if not"
    if alert.urgency is Urgency.LOW:
        if alert.service.low_urgency is LowUrgency.RECORD:
            return f"Recorded, nobody is paged: {alert.service.name} asks for that at low urgency"
        return "Asked once. Low urgency does not go further"
    exhausted = escalation_of(alert).exhausted_at
    if exhausted is not None:
        return f"Every step was tried, nobody answered. The last resort was asked from {moment(exhausted)}"
    return "Nobody is asked further"
