"""What a handoff hands over: what is open, and what comes back in the new shift."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.alerts import behind_schedule
from app.alerts.models import Alert
from app.domain.interval import Interval
from app.incidents import access
from app.oncall import handoff
from app.oncall.models import Handoff
from app.people.models import User


@dataclass(frozen=True)
class HandedOver:
    """`shift`: the incoming person's hours, where they are known. Alerts are those the reader may see.

    `comes_back`: snoozed ones with the moment within the shift at which they wake; `open`: all others.
    """

    shift: Interval | None
    comes_back: Sequence[tuple[datetime, Alert]]
    open: Sequence[Alert]


def handed_over(row: Handoff, reader: User) -> HandedOver:
    """Of one handoff, for whoever looks at it."""
    alerts = behind_schedule.open_on(row.schedule_id, among=access.alerts_seen_by(reader))
    shift = handoff.shift_of(row)
    comes_back = [
        (alert.snoozed_until, alert) for alert in alerts
        if shift is not None and alert.snoozed_until is not None and alert.snoozed_until in shift
    ]  # fmt: skip
    waking = {alert.id for _, alert in comes_back}
    return HandedOver(shift, comes_back, [alert for alert in alerts if alert.id not in waking])
