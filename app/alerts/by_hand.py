"""Page a person or a team because somebody says so: an alert with its pages and who asked (feature 9)."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from app import wakeup
from app.alerts import run_policy
from app.alerts.models import Alert, Escalation, Service
from app.database import db
from app.domain.invalid import InvalidField
from app.domain.lifecycle import urgency_of
from app.domain.text import one_line, prose
from app.domain.timeline import Kind, Subject
from app.domain.words import AlertStatus, EscalationState, Severity
from app.people.models import Membership, Team, User
from app.people.rights import Act, may
from app.timeline import once
from app.timeline.record import record

MOST, WITHIN = 10, timedelta(minutes=10)


class TooManyByHand(Exception):
    """This person has paged so often by hand that one more would be a weapon; says when the next may be."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(
            f"{MOST} pages by hand in 10 minutes are enough. The next one in {int(wait.total_seconds()) + 1} s."
        )
        self.wait = wait


def page(
    to: User | Team,
    *,
    title: str,
    details: str = "",
    severity: Severity = Severity.CRITICAL,
    service: Service | None = None,
    key: str,
    by: User,
    at: datetime,
) -> Alert:
    """Raise an alert that asks this person first, or the team as its service's policy says.

    Without a service it is the team's first; for a person one of a team of theirs. The same `key` of the same
    person again is the second press of one button: it answers the alert of the first. Raises InvalidField about
    /title, /to or /service_id, and TooManyByHand (SEC-38).
    """
    whole = f"hand-{by.id}-{one_line(key, limit=100)}"
    if not once.is_first(f"by-hand:{whole}", at=at):
        return db.session.scalars(sa.select(Alert).where(Alert.dedup_key == whole)).one()
    _sparingly(by, at=at)
    says = one_line(title, limit=200)
    if not says:
        raise InvalidField([("/title", "Say what is wrong, so that they know what to do.")])
    if isinstance(to, User) and not may(to, Act.SEE_OPERATIONS):
        raise InvalidField([("/to", f"{to.name} cannot be paged: they only look on, or have left.")])
    place = service or _usual_service(to)
    if place is None or not place.is_active:
        raise InvalidField([("/service_id", "Choose what it is about: no service fits by itself.")])
    alert = Alert(
        service=place, team_id=place.team_id, dedup_key=whole, title=says, description=prose(details),
        severity=severity, urgency=urgency_of(severity), status=AlertStatus.TRIGGERED, started_at=at,
        created_at=at, updated_at=at, raised_by_id=by.id, links=[], labels={}, annotations={},
    )  # fmt: skip
    db.session.add(alert)
    db.session.flush()
    first = to if isinstance(to, User) else None
    db.session.add(
        Escalation(
            alert=alert, run=1, round=0, step=0, reminder=0, started_at=at, state=EscalationState.RUNNING,
            next_due_at=at, policy=run_policy.taken(alert, first),
        )
    )  # fmt: skip
    asked = {"to_user_id": to.id} if isinstance(to, User) else {"to_team_id": to.id}
    record(
        Kind.TRIGGERED, Subject.ALERT, alert.id, at=at, by=by, severity=str(severity),
        urgency=str(alert.urgency), by_hand=True, **asked,
    )  # fmt: skip
    wakeup.engine()
    return alert


def _sparingly(by: User, *, at: datetime) -> None:
    """At most ten in ten minutes by one person."""
    lately = sa.select(Alert.created_at).where(Alert.raised_by_id == by.id, Alert.created_at > at - WITHIN)
    times = db.session.scalars(lately.order_by(Alert.created_at.desc()).limit(MOST)).all()
    if len(times) >= MOST:
        raise TooManyByHand(times[-1] + WITHIN - at)


def _usual_service(to: User | Team) -> Service | None:
    theirs = sa.select(Service).where(Service.is_active).order_by(Service.id).limit(1)
    if isinstance(to, Team):
        return db.session.scalar(theirs.where(Service.team_id == to.id))
    teams = sa.select(Membership.team_id).where(Membership.user_id == to.id)
    return db.session.scalar(theirs.where(Service.team_id.in_(teams)))
