"""The world on one clock that the test moves, with real encrypted pushes to a push service that can be away."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.alerts.receive import receive
from app.database import db, transaction
from app.domain.alert import IncomingAlert
from app.domain.words import Severity
from app.paging import deliver
from app.paging.channels.registry import Channels
from app.paging.models import Delivery, PushSubscription
from app.paging.vapid import KeyRing
from app.people.models import User
from tests.support.cast import make_device
from tests.support.clock import TestClock
from tests.support.databases import settings_for
from tests.support.push_service import PushService
from tests.support.stand_in import StandIn
from tests.support.world import World


class Town:
    """Ada, then Ben, then Mara, each with a phone; no engine but what `pass_time` does."""

    def __init__(self, clock: TestClock, app: APIFlask, service: PushService) -> None:
        self.world, self.service, self.clock = World(clock), service, clock
        settings = app.config["settings"]
        self.channels = Channels.from_settings(settings)
        self._key = KeyRing.from_settings(settings).present.public_key
        self.phones: dict[str, StandIn] = {}
        cast = self.world.cast
        with transaction():
            db.session.execute(sa.delete(PushSubscription))
            for person in (cast.ada, cast.ben, cast.mara):
                self.give_phone(person)

    def give_phone(self, person: User) -> None:
        """A phone of this person's that the push service knows. Inside a transaction."""
        phone = self.phones[person.name] = self.service.subscribe(self._key)
        make_device(person, phone.endpoint, p256dh=phone.p256dh, auth=phone.auth)

    def fire(self, many: int, name: str = "alert") -> None:
        with transaction():
            door = db.session.merge(self.world.cast.integration)
            for number in range(many):
                report = IncomingAlert(f"{name} {number}", f"{name} {number}", severity=Severity.CRITICAL)
                receive(report, door, at=app_clock.now())

    def pass_time(self, seconds: float, *, every: float = 5) -> None:
        """Time passes with everything done that falls due."""
        end = self.clock.moment + timedelta(seconds=seconds)
        while True:
            self.world.tick()
            while deliver.deliver_due(self.channels, limit=100):
                pass
            if self.clock.moment >= end:
                return
            self.clock.moment = min(end, self.clock.moment + timedelta(seconds=every))

    def rung(self, name: str) -> list[str]:
        """The pages that this person's phone got, in order."""
        return [rung.page for rung in self.phones[name].log if rung.data["kind"] == "page"]

    def move_to(self, name: str, endpoint: str) -> None:
        """This person's phone is said to be at another address."""
        with transaction():
            was = self.phones[name].endpoint
            db.session.execute(
                sa.update(PushSubscription).where(PushSubscription.endpoint == was).values(endpoint=endpoint)
            )

    def most_attempts(self) -> int:
        db.session.rollback()
        return db.session.scalar(sa.select(sa.func.max(Delivery.attempts))) or 0


@contextmanager
def town_on(app: APIFlask, clock: TestClock, *more_hosts: str, push_gap: int = 0) -> Iterator[Town]:
    """A town whose push service runs, with further hosts that count as push services."""
    with PushService() as service:
        present = app.config["settings"]
        app.config["settings"] = settings_for(
            present.instance_dir,
            present.database_url,
            push_gap=push_gap,
            push_hosts=",".join((service.host, *more_hosts)),
        )
        town = Town(clock, app, service)
        yield town
        town.channels.close()
