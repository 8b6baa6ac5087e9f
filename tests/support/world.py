"""A small world for stories: alerts come in, time passes, pages go out, people answer. No HTTP, no network."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from app import clock
from app.alerts import queries
from app.alerts.acknowledge import Acknowledged, acknowledge
from app.alerts.models import Alert, Escalation
from app.alerts.receive import Received, receive
from app.database import db, transaction
from app.domain.alert import IncomingAlert, Said
from app.domain.words import PageKind, Severity
from app.engine import jobs
from app.incidents.promote import promote
from app.paging.models import Page
from app.people.models import User
from app.timeline.models import Event
from tests.support.cast import Cast
from tests.support.clock import TestClock


class World:
    """The cast, a clock, and the engine's jobs run by hand."""

    def __init__(self, clock: TestClock, *, repeat: int = 0, last_resort: bool = False) -> None:
        self.clock = clock
        with transaction():
            self.cast = Cast(repeat=repeat, last_resort=last_resort)

    def fire(
        self,
        title: str = "Checkout errors at 14 %",
        *,
        key: str = "k",
        severity: Severity | None = Severity.CRITICAL,
        status: Said = Said.FIRING,
    ) -> Received:
        """A report comes in by the events integration."""
        incoming = IncomingAlert(dedup_key=key, title=title, severity=severity, status=status)
        with transaction():
            return receive(incoming, db.session.merge(self.cast.integration), at=clock.now())

    def tick(self) -> None:
        """The engine takes every step that is due now."""
        while jobs.take_due_steps():
            pass
        jobs.wake_snoozed()
        jobs.hurry_unreached()
        jobs.take_due_steps()

    def forward(self, **amount: float) -> None:
        """Time passes, minute by minute, with the engine running."""
        end = self.clock.moment + timedelta(**amount)
        while self.clock.moment < end:
            self.clock.moment = min(end, self.clock.moment + timedelta(minutes=1))
            self.tick()

    def alert(self, number: int = 1) -> Alert:
        alert = db.session.get(Alert, number, populate_existing=True)
        assert alert is not None
        return alert

    def escalation(self, number: int = 1) -> Escalation:
        return db.session.scalars(sa.select(Escalation).where(Escalation.alert_id == number)).one()

    def acknowledge(self, who: User, number: int = 1, *, run: int | None = None) -> Acknowledged:
        with transaction():
            alert = queries.locked(number)
            assert alert is not None
            return acknowledge(alert, by=db.session.merge(who), at=clock.now(), run=run)

    def promote(self, who: User, number: int = 1) -> None:
        """It becomes an incident, which `who` commands."""
        with transaction():
            alert = queries.locked(number)
            assert alert is not None
            promote(alert, by=db.session.merge(who), at=clock.now())

    def paged(self, kind: PageKind = PageKind.PAGE) -> list[str]:
        """Who has been paged, in order."""
        pages = sa.select(Page).where(Page.kind == kind).order_by(Page.id)
        return [page.user.name for page in db.session.scalars(pages)]

    def pages(self) -> Sequence[Page]:
        return db.session.scalars(
            sa.select(Page).order_by(Page.id).execution_options(populate_existing=True)
        ).all()

    def events(self, number: int = 1) -> list[str]:
        """What happened to the alert, in order."""
        about = sa.select(Event.kind).where(Event.subject_kind == "alert", Event.subject_id == number)
        return list(db.session.scalars(about.order_by(Event.id)))

    @property
    def now(self) -> datetime:
        return self.clock.moment
