"""`/metrics`: what to watch about Nightbell itself, as Prometheus reads it. Counts and moments, no names.

Open to this machine, when no proxy handed the request on, and to any token that reads: how many alerts are open
is nobody else's business.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

import sqlalchemy as sa
from flask import Blueprint, Response, request

from app import clock, migrations
from app.alerts.models import Alert, Escalation
from app.database import db
from app.domain.words import AlertStatus, DeliveryState
from app.notices.models import Mail
from app.paging import canary, health
from app.paging.models import Delivery
from app.people import tokens
from app.people.rights import Scope

blueprint = Blueprint("metrics", __name__)

TYPE = "text/plain; version=0.0.4; charset=utf-8"
RECENT = timedelta(hours=1)
OPEN = (AlertStatus.TRIGGERED, AlertStatus.ACKNOWLEDGED)


@dataclass(frozen=True)
class Gauge:
    """One metric: its name without the prefix, what it says, and its values by their labels."""

    name: str
    says: str
    values: dict[str, float]

    def lines(self) -> Iterator[str]:
        yield f"# HELP nightbell_{self.name} {self.says}"
        yield f"# TYPE nightbell_{self.name} gauge"
        for labels, value in self.values.items():
            yield f"nightbell_{self.name}{labels} {value:.17g}"


@blueprint.get("/metrics")
def show() -> Response:
    """All of them, read in one go; 401 to whoever may not read."""
    if not (_is_this_machine() or _may_read()):
        return Response("a token that reads\n", 401, {"WWW-Authenticate": 'Bearer realm="metrics"'})
    lines = [line for gauge in gauges(clock.now()) for line in gauge.lines()]
    return Response("\n".join(lines) + "\n", headers={"Cache-Control": "no-store"}, content_type=TYPE)


def gauges(now: datetime) -> Iterator[Gauge]:
    yield Gauge("build_info", "Which version answers.", {f'{{version="{version("nightbell")}"}}': 1})
    yield _one(
        "schema_is_current", "1 when the schema is this version's.", migrations.current() == migrations.head()
    )
    yield _moment("engine_seen_timestamp_seconds", "When an engine last went through all that was due.",
                  health.seen_at())  # fmt: skip
    yield from _path(now)
    looked = health.audited()
    yield _moment("audited_timestamp_seconds", "When the auditor last looked.", looked.at if looked else None)
    yield _one(
        "audit_findings", "Promises that the auditor found not kept.", len(looked.found) if looked else 0
    )
    yield from _waiting(now)
    yield Gauge("open_alerts", "Alerts that are not resolved.", _by_status())
    yield Gauge(
        "deliveries_last_hour", "Deliveries made in the last hour, by what became of them.", _recent(now)
    )


def _path(now: datetime) -> Iterator[Gauge]:
    heard, day = canary.last_heard(), canary.of_the_day(now)
    yield _moment("path_proven_timestamp_seconds", "When the paging path was last proven by a canary.",
                  heard.heard_at if heard else None)  # fmt: skip
    yield _one("canaries_last_day", "Canaries that intake took in the last 24 h.", day.sent)
    yield _one("canaries_arrived_last_day", "Those of them that arrived.", day.arrived)
    took = heard.heard_at - heard.taken_at if heard and heard.heard_at else timedelta()
    yield _one("path_duration_seconds", "From intake to arrival, of the newest canary.", took.total_seconds())


def _waiting(now: datetime) -> Iterator[Gauge]:
    for name, says, column in (
        ("escalation", "steps of alerts that are due", Escalation.next_due_at),
        ("delivery", "pages that are due", Delivery.next_attempt_at),
        ("mail", "mails that are due", Mail.next_attempt_at),
    ):
        number, oldest = db.session.execute(
            sa.select(sa.func.count(), sa.func.min(column)).where(column <= now)
        ).one()
        late = (now - oldest).total_seconds() if oldest else 0
        yield _one(f"{name}_due", f"How many {says} and not taken.", number)
        yield _one(f"{name}_lateness_seconds", f"How long the oldest of the {says} has waited.", late)


def _by_status() -> dict[str, float]:
    counted = sa.select(Alert.status, sa.func.count()).where(Alert.status.in_(OPEN)).group_by(Alert.status)
    found = dict(db.session.execute(counted).all())
    return {f'{{status="{status}"}}': found.get(status, 0) for status in OPEN}


def _recent(now: datetime) -> dict[str, float]:
    """Waiting, taken by the push or mail service, or failed."""
    counted = (
        sa.select(Delivery.state, sa.func.count())
        .where(Delivery.created_at > now - RECENT)
        .group_by(Delivery.state)
    )
    found = {"waiting": 0, "accepted": 0, "failed": 0}
    for state, number in db.session.execute(counted):
        if state is DeliveryState.FAILED:
            found["failed"] += number
        elif state in (DeliveryState.QUEUED, DeliveryState.BUNDLED, DeliveryState.THROTTLED):
            found["waiting"] += number
        else:
            found["accepted"] += number
    return {f'{{result="{result}"}}': number for result, number in found.items()}


def _one(name: str, says: str, value: float) -> Gauge:
    return Gauge(name, says, {"": value})


def _moment(name: str, says: str, at: datetime | None) -> Gauge:
    """Seconds since 1970; 0 when it never was."""
    return _one(name, says, at.timestamp() if at else 0)


def _is_this_machine() -> bool:
    """No proxy handed it on, and it comes from here."""
    handed_on = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via"))
    try:
        return not handed_on and ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _may_read() -> bool:
    credential = request.authorization
    token = credential.token if credential is not None and credential.type == "bearer" else None
    known = tokens.verify(token, at=clock.now()) if token else None
    return known is not None and Scope.READ in tokens.scopes_of(known)
