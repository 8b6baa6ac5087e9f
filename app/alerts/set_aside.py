"""An alert that the engine fails on again and again is not left in silence: whoever is the last resort has it
(INV-20).
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from app.alerts import run_policy
from app.alerts.models import Alert, Escalation
from app.alerts.queries import escalation_of, locked
from app.database import db
from app.domain.text import one_line
from app.domain.timeline import Kind, Subject
from app.domain.words import EscalationState, PageKind, Urgency
from app.paging.page import Message, Place, page_user
from app.people import queries
from app.timeline.record import record

log = logging.getLogger(__name__)

AFTER = 3  # failures in a row
PASSED_OVER = 4  # which notice of a run this is: `tell` and `restored` have those before it


def postpone(alert_id: int, error: Exception, *, at: datetime) -> bool:
    """A row that raises waits longer each time, so that the others go on (INV-20). Returns whether its policy
    is to be given up now: in a transaction of its own, so that this one holds whatever fails then.

    While the database cannot be reached, or somebody else holds the row, it only waits.
    """
    alert = locked(alert_id)
    if alert is None or (escalation := escalation_of(alert)).next_due_at is None:
        return False
    escalation.failures += 1
    escalation.next_due_at = at + timedelta(seconds=min(2**escalation.failures, 300))
    if escalation.failures == AFTER:
        record(Kind.SET_ASIDE, Subject.ALERT, alert_id, at=at, because=type(error).__name__)
    may_pass = isinstance(error, (OperationalError, InterfaceError, NoConnection))
    return escalation.failures >= AFTER and not may_pass and not is_passed_over(escalation)


def is_passed_over(escalation: Escalation) -> bool:
    """Whether that was done: what fails then waits, ever longer."""
    return isinstance(escalation.policy, dict) and "passed_over" in escalation.policy


def pass_over(alert_id: int, *, at: datetime) -> None:
    """Its policy is not followed any more: the last resort is due now, and administrators are told why."""
    alert = locked(alert_id)
    if alert is None or (escalation := escalation_of(alert)).next_due_at is None:
        return
    escalation.policy = run_policy.passed_over(alert)
    escalation.state, escalation.step, escalation.reminder = EscalationState.RUNNING, 0, 0
    escalation.round += 1  # so that its pages are none of those that were made before
    escalation.next_due_at = at
    db.session.flush()  # what fails here is the caller's
    try:
        with db.session.begin_nested():
            _tell_administrators(alert, at)
    except Exception:
        log.exception("nobody could be told that alert %s is passed to its last resort", alert_id)


def _tell_administrators(alert: Alert, at: datetime) -> None:
    says = Message(
        "Nightbell failed on an alert",
        f"Its policy could not be followed, so the last resort is paged: {one_line(alert.title, limit=100)}."
        " The log of the engine says what is wrong.",
        Urgency.HIGH,
    )
    for administrator in queries.administrators():
        page_user(
            administrator, says, Place(Subject.ALERT, alert.id, alert.run, reminder=PASSED_OVER),
            kind=PageKind.NOTICE, reason=["You are an administrator"], until=at, at=at,
        )  # fmt: skip
    db.session.flush()
