"""Alerts that are there already, put into the database by the thousand, and what is asked of them."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from app import clock, create_pageless_app
from app.alerts import integrations
from app.alerts.models import Alert, Escalation, Integration
from app.alerts.sources.kinds import Kind
from app.database import db, transaction
from app.domain.words import AlertStatus, EscalationState, Role, Severity, Urgency
from app.paging.models import Delivery
from app.people import tokens
from app.people.models import User
from bench.scene import Scene

AT_ONCE = 5000  # rows of one commit
LATER = timedelta(hours=10)


@dataclass(frozen=True)
class Doors:
    """The key of an integration that reads Alertmanager's webhook, and a token that may read and write."""

    alertmanager: str
    token: str


def doors(scene: Scene) -> Doors:
    with create_pageless_app(scene.settings).app_context():
        with transaction():
            door = db.session.scalars(sa.select(Integration).order_by(Integration.id)).first()
            admin = db.session.scalars(sa.select(User).where(User.role == Role.ADMINISTRATOR)).first()
            assert door is not None
            assert admin is not None
            _, key = integrations.create(
                service=door.service, name="webhooks", kind=Kind.ALERTMANAGER, by=None, at=clock.now()
            )
            _, token = tokens.create(admin, name="bench", scopes=("read", "write"), at=clock.now())
        db.session.remove()
        db.engine.dispose()
    return Doors(key, token)


def stock(scene: Scene, number: int) -> list[int]:
    """So many open alerts, whose next step is hours away; answers their ids."""
    ids: list[int] = []
    with create_pageless_app(scene.settings).app_context():
        door = db.session.scalars(sa.select(Integration).order_by(Integration.id)).first()
        assert door is not None
        of = {"integration_id": door.id, "service_id": door.service_id, "team_id": door.service.team_id}
        for begin in range(0, number, AT_ONCE):
            at = clock.now()
            alike = {
                **of, "title": "Checkout errors at 14 %", "description": "", "severity": Severity.CRITICAL,
                "urgency": Urgency.HIGH, "status": AlertStatus.TRIGGERED, "started_at": at, "created_at": at,
                "updated_at": at, "ruled_at": at, "links": [], "labels": {}, "annotations": {},
            }  # fmt: skip
            last = db.session.scalar(sa.select(sa.func.max(Alert.id))) or 0
            with transaction():
                rows = [
                    alike | {"dedup_key": f"stocked {last} {n}"} for n in range(min(AT_ONCE, number - begin))
                ]
                made = list(db.session.scalars(sa.insert(Alert).returning(Alert.id), rows))
                timer = {
                    "run": 1, "round": 0, "step": 1, "reminder": 0, "state": EscalationState.RUNNING,
                    "started_at": at, "next_due_at": at + LATER, "failures": 0,
                }  # fmt: skip
                db.session.execute(sa.insert(Escalation), [timer | {"alert_id": alert_id} for alert_id in made])
            ids += made
        db.session.execute(sa.text("ANALYZE"))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return ids


def forget_due(scene: Scene) -> None:
    """Whatever waits to be paged does so no longer: what came in was to be counted, not paged for."""
    with create_pageless_app(scene.settings).app_context():
        with transaction():
            done = {"state": EscalationState.DONE, "next_due_at": None}
            db.session.execute(sa.update(Escalation).where(Escalation.next_due_at.is_not(None)).values(done))
            db.session.execute(sa.update(Alert).values(ruled_at=clock.now()).where(Alert.ruled_at.is_(None)))
            db.session.execute(sa.update(Delivery).values(next_attempt_at=None))
        db.session.remove()
        db.engine.dispose()
