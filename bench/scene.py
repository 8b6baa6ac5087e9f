"""What the bench measures on: one team, a service with a policy, Ada with one device, a key for events."""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from app import clock, create_app, migrations
from app.alerts import integrations
from app.alerts.sources.kinds import Kind
from app.config import Settings
from app.database import db, transaction
from app.oncall import schedules
from app.paging.models import Delivery, PushSubscription
from app.paging.webpush import WebPush
from app.people import sessions
from tests.support.cast import Cast, make_device
from tests.support.oncall import layer_json
from tests.support.push_service import PushService
from tests.support.stand_in import StandIn

STEP_MINUTES = 600  # nobody is asked a second time while we measure


@dataclass(frozen=True)
class Scene:
    """`key` is the routing key, `cookie` a signed-in browser, `device` Ada's phone.

    `environ` is what the processes are started with, `app` asks their database: made once, as to make one takes
    longer than a page, and what arrives meanwhile is noted too late.
    """

    environ: dict[str, str]
    settings: Settings
    app: Flask
    key: str
    cookie: str
    device: StandIn

    def waiting(self) -> int:
        """How many pages are not sent yet, or alerts have not been paged for."""
        with self.app.app_context():
            queued = sa.select(sa.func.count()).where(Delivery.next_attempt_at.is_not(None))
            due = sa.text("SELECT count(*) FROM escalation WHERE state = 'running' AND step = 0")
            try:
                return int(db.session.scalar(queued) or 0) + int(db.session.scalar(due) or 0)
            finally:
                db.session.remove()
                db.engine.dispose()


def make(instance: Path, database_url: str, service: PushService, *, gap: int = 0) -> Scene:
    """An installation in `instance`, filled; its pushes go to `service`, to one phone once in `gap` seconds.

    At 0 each page goes by itself, so that every one can be timed where it arrives.
    """
    environ = {
        "NIGHTBELL_INSTANCE_DIR": str(instance),
        "NIGHTBELL_DATABASE_URL": database_url,
        "NIGHTBELL_VAPID_SUBJECT": "mailto:oncall@nightbell.example",
        "NIGHTBELL_PUSH_HOSTS": service.host,
        "NIGHTBELL_PUSH_GAP": str(gap),
    }
    settings = Settings.from_environment(environ)
    line = WebPush.from_settings(settings)
    device = service.subscribe(line.public_key)
    line.close()
    app = create_app(settings)
    with app.app_context():
        migrations.upgrade()
        with transaction():
            cast = Cast(wait_minutes=STEP_MINUTES)
            db.session.execute(sa.delete(PushSubscription))  # the cast's devices are with a real push service
            make_device(cast.ada, device.endpoint, p256dh=device.p256dh, auth=device.auth)
            _, key = integrations.create(
                service=cast.checkout, name="bench", kind=Kind.EVENTS_V2, by=None, at=clock.now()
            )
            schedules.create(
                name="Payments primary", team_id=cast.payments.id, time_zone="Europe/London", by=cast.mara,
                layers=[layer_json("2026-01-05T09:00", [[cast.ada.id, cast.ben.id], [cast.ben.id]])],
                at=clock.now(),
            )  # fmt: skip
            _, token = sessions.start(cast.ada, device="bench", at=clock.now())
        db.session.remove()
        db.engine.dispose()
    return Scene(environ, settings, app, key, f"__Host-nightbell={token}", device)
