"""Half a year of alerts and incidents, as rows: enough to measure, the same every time."""

from datetime import datetime, timedelta
from random import Random

from app import clock
from app.alerts.models import Alert, Service
from app.database import db, transaction
from app.domain.timeline import Kind, Subject
from app.incidents.models import Incident
from app.timeline.models import Event
from tests.support.cast import Cast, make_service

DAYS = 180


def half_a_year() -> Cast:
    """Two teams up to now: a few things every other day, acknowledged and resolved, some still open."""
    dice = Random(7)
    with transaction():
        cast = Cast()
        services = (cast.checkout, make_service("search-api", cast.search))
        for day in range(1, DAYS):
            for _ in range(dice.randrange(4)):
                begins = clock.now() - timedelta(days=day, minutes=dice.randrange(1440))
                service = dice.choice(services)
                _add_alert(cast, service, begins, dice)
                if dice.random() < 0.4:
                    _add_incident(service, begins, dice)
    return cast


def _add_alert(cast: Cast, service: Service, begins: datetime, dice: Random) -> None:
    answered = begins + timedelta(minutes=3 * dice.lognormvariate(0, 1))
    over = None if dice.random() < 0.05 else answered + timedelta(minutes=40 * dice.lognormvariate(0, 1))
    by_itself = dice.random() < 0.2
    alert = Alert(
        service_id=service.id, team_id=service.team_id, dedup_key=f"{begins}", title="Errors", urgency="high",
        severity=dice.choice(["critical", "critical", "error", "warning"]),
        status="resolved" if over else "acknowledged",
        started_at=begins, created_at=begins, updated_at=over or answered, resolved_at=over,
        resolved_by="source" if over else None, acknowledged_at=None if by_itself else answered,
        acknowledged_by_id=None if by_itself else cast.ada.id, links=[], labels={}, annotations={},
    )  # fmt: skip
    db.session.add(alert)
    db.session.flush()
    if not by_itself:
        about = {"subject_kind": Subject.ALERT, "subject_id": alert.id, "actor_id": cast.ada.id, "data": {}}
        db.session.add(Event(at=answered, kind=Kind.ACKNOWLEDGED, **about))


def _add_incident(service: Service, begins: datetime, dice: Random) -> None:
    answered = begins + timedelta(minutes=4 * dice.lognormvariate(0, 1))
    over = answered + timedelta(minutes=70 * dice.lognormvariate(0, 1))
    db.session.add(
        Incident(
            title="Errors", severity=dice.choice(["sev1", "sev2", "sev3"]), team_id=service.team_id,
            status="resolved", detected_at=begins, declared_at=answered, acknowledged_at=answered,
            resolved_at=over, created_at=begins, updated_at=over,
        )
    )  # fmt: skip
