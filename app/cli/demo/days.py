"""Three months of the made-up organisation, played through the product's verbs in the order they happened.

Each story is a generator that acts, then yields the moment at which it goes on; of all stories the one whose
moment is nearest goes on next. Nothing is sent: what the engine would have delivered is written down as shown.
"""

import heapq
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random

import sqlalchemy as sa

from app.alerts import escalate, queries
from app.alerts.acknowledge import acknowledge
from app.alerts.models import Alert, Escalation, Integration
from app.alerts.note import note
from app.alerts.receive import receive
from app.alerts.resolve import resolve
from app.alerts.snooze import snooze
from app.cli.demo import rules
from app.cli.demo.cast import SERVICES, Cast
from app.cli.demo.phones import press, show
from app.database import db, transaction
from app.domain.alert import IncomingAlert, Said
from app.domain.timeline import Subject
from app.domain.words import AlertStatus, IncidentSeverity, PageKind
from app.incidents import promote, status
from app.incidents import queries as incident_queries
from app.incidents.models import Incident
from app.incidents.note import note as note_incident
from app.paging.models import Page
from app.people.models import User

Story = Generator[datetime, datetime, None]
IN_ONE_COMMIT = 400  # moments
QUIET = timedelta(hours=8)  # before now: from here on only what is staged happens


@dataclass(frozen=True)
class Plan:
    """What one alert would do if nobody touched it."""

    service: str
    rule: rules.Rule
    begins: datetime
    ends: datetime


class History:
    """Plays from `begin` to `now`. What has not ended by then is what a visitor finds open."""

    def __init__(self, cast: Cast, dice: Random, *, begin: datetime, now: datetime) -> None:
        self._cast, self._dice, self._begin, self._now = cast, dice, begin, now
        self._waiting: list[tuple[datetime, int, Story]] = []
        self._order = count()

    def play(self) -> None:
        """Everything, in as many transactions as it takes."""
        self._plan_days()
        self._plan_today()
        while self._waiting and self._waiting[0][0] <= self._now:
            with transaction():
                for _ in range(IN_ONE_COMMIT):
                    if self._waiting and self._waiting[0][0] <= self._now:
                        self._go_on()

    def count(self) -> dict[str, int]:
        """How many rows there are of what a visitor looks at."""
        models = {"people": User, "alerts": Alert, "pages": Page, "incidents": Incident}
        return {name: db.session.query(model).count() for name, model in models.items()}

    def _begin_story(self, story: Story) -> None:
        heapq.heappush(self._waiting, (next(story), next(self._order), story))

    def _go_on(self) -> None:
        when, order, story = heapq.heappop(self._waiting)
        try:
            later = story.send(when)
        except StopIteration:
            return
        heapq.heappush(self._waiting, (max(later, when), order, story))

    def _plan_days(self) -> None:
        """About four alerts a day, most in working hours, and now and then a bad evening."""
        day = self._begin
        while day < self._now:
            bad = self._dice.random() < 0.05
            for _ in range(int(self._dice.gammavariate(4, 1.0)) + (10 if bad else 0)):
                hour = 19 + self._dice.random() * 3 if bad else self._dice.triangular(0, 24, 14)
                begins = day + timedelta(hours=hour, seconds=self._dice.randrange(60))
                rule, service = rules.pick(self._dice), self._dice.choice(list(SERVICES))
                ends = begins + rules.minutes(self._dice, rule.lasts)
                if ends < self._now - QUIET:
                    self._begin_story(self._alert(Plan(service, rule, begins, ends)))
            day += timedelta(days=1)

    def _plan_today(self) -> None:
        """What is going on when a visitor arrives: one of each kind of open alert, and an incident."""
        long = timedelta(days=2)
        errors, _, latency, growing, _, disk, _, certificate, _ = rules.RULES
        for service, rule, ago, then in (
            ("Catalogue", certificate, timedelta(hours=22), None),
            ("Databases", disk, timedelta(hours=5), self._put_off),
            ("Search", latency, timedelta(minutes=52), self._has_it),
            ("Checkout", errors, timedelta(minutes=38), self._declared),
            ("Message queue", growing, timedelta(minutes=3), None),
        ):
            begins = self._now - ago
            self._begin_story(self._today(Plan(service, rule, begins, begins + long), then))

    def _alert(self, plan: Plan) -> Story:
        """Fires, pages step by step until somebody has it or it is over, is worked on, ends."""
        at = yield plan.begins
        alert_id = self._report(plan, Said.FIRING, at=at)
        while True:
            who = self._page(alert_id, at=at)
            answers = at + self._reaction(plan, at)
            due = escalate_due(alert_id)
            if who is not None and answers < min(plan.ends, due or plan.ends):
                at = yield answers
                yield from self._work(plan, alert_id, who, at)
                break
            if due is None or due >= plan.ends:
                break
            at = yield due
        at = yield plan.ends
        alert = queries.locked(alert_id)
        if alert is not None and alert.status is not AlertStatus.RESOLVED:
            by = alert.acknowledged_by_id and db.session.get(User, alert.acknowledged_by_id)
            if by and self._dice.random() < 0.25:
                resolve(alert, by=by, at=at, reason=self._dice.choice(rules.REASONS))
            else:
                self._report(plan, Said.RESOLVED, at=at)
            show(at)

    def _work(self, plan: Plan, alert_id: int, who: User, at: datetime) -> Story:
        """Somebody has it: an incident perhaps, a note perhaps."""
        self._take(alert_id, who, at=at)
        left = plan.ends - at
        if left > timedelta(minutes=15) and self._dice.random() < rules.PROMOTED[plan.rule.severity]:
            declared = at + timedelta(minutes=1 + self._dice.random() * 5)
            self._begin_story(self._incident(alert_id, who.id, declared, plan.ends))
        elif self._dice.random() < 0.3:
            at = yield at + left * 0.4
            if (alert := queries.locked(alert_id)) is not None:
                note(alert, self._dice.choice(rules.NOTES), by=db.session.get_one(User, who.id), at=at)

    def _incident(self, alert_id: int, user_id: int, declared: datetime, ends: datetime) -> Story:
        """Declared, worked on, mitigated, resolved once its alert is over, closed three days later."""
        at = yield declared
        alert = queries.locked(alert_id)
        assert alert is not None
        number = promote.promote(alert, by=db.session.get_one(User, user_id), at=at).id
        lasts = ends - declared
        for share in (0.05, 0.25, 0.5, 0.75, 1.1):
            at = yield declared + lasts * share
            incident, by = incident_queries.locked(number), db.session.get_one(User, user_id)
            assert incident is not None
            if share == 0.05:
                status.begin(incident, by=by, at=at)
            elif share == 0.75:
                status.mitigate(incident, by=by, at=at)
                note_incident(incident, self._dice.choice(rules.MITIGATIONS), by=by, at=at)
            elif share > 1:
                status.resolve(incident, by=by, at=at, resolution=self._dice.choice(rules.REASONS))
            else:
                note_incident(incident, self._dice.choice(rules.NOTES), by=by, at=at)
        at = yield at + timedelta(days=3, minutes=1)
        incident = incident_queries.locked(number)
        assert incident is not None
        status.close(incident, at=at)

    def _today(self, plan: Plan, then: Callable[[int, User, datetime], Story] | None) -> Story:
        """One alert that is still open now; `then` is what the one who was paged does."""
        at = yield plan.begins
        alert_id = self._report(plan, Said.FIRING, at=at)
        who = self._page(alert_id, at=at)
        if then is not None and who is not None:
            at = yield at + timedelta(minutes=2, seconds=10)
            self._take(alert_id, who, at=at)
            yield from then(alert_id, who, at)
        else:
            while (due := escalate_due(alert_id)) is not None:  # reminded until now
                at = yield due
                self._page(alert_id, at=at)

    def _has_it(self, alert_id: int, who: User, at: datetime) -> Story:
        at = yield at + timedelta(minutes=11)
        note(locked(alert_id), rules.NOTES[3], by=db.session.get_one(User, who.id), at=at)

    def _put_off(self, alert_id: int, who: User, at: datetime) -> Story:
        at = yield at + timedelta(minutes=3)
        by = db.session.get_one(User, who.id)
        snooze(locked(alert_id), until=self._now + timedelta(hours=14), by=by, at=at)

    def _declared(self, alert_id: int, who: User, at: datetime) -> Story:
        at = yield at + timedelta(minutes=2)
        by = db.session.get_one(User, who.id)
        number = promote.promote(locked(alert_id), by=by, at=at, severity=IncidentSeverity.SEV2).id
        for later, text in ((1, None), (4, rules.NOTES[0]), (17, rules.NOTES[4])):
            at = yield at + timedelta(minutes=later)
            incident, by = incident_queries.locked(number), db.session.get_one(User, who.id)
            assert incident is not None
            if text is None:
                status.begin(incident, by=by, at=at)
            else:
                note_incident(incident, text, by=by, at=at)

    def _report(self, plan: Plan, said: Said, *, at: datetime) -> int:
        """What Prometheus tells us; answers the alert's id."""
        key = f"{plan.service}/{plan.rule.title}/{plan.begins.isoformat()}"
        incoming = IncomingAlert(
            dedup_key=key, title=f"{plan.rule.title} on {plan.service}", status=said,
            severity=plan.rule.severity, started_at=plan.begins, description=plan.rule.description,
            service=plan.service,
            labels={"alertname": plan.rule.title, "service": plan.service, "severity": str(plan.rule.severity)},
        )  # fmt: skip
        door = db.session.get_one(Integration, self._cast.integrations[plan.service])
        alert_id = receive(incoming, door, at=at).alert_id
        assert alert_id is not None
        return alert_id

    def _page(self, alert_id: int, *, at: datetime) -> User | None:
        """Take the step that is due; answers who of those it asked will react, if anybody."""
        escalate.advance(alert_id, at=at)
        show(at)
        asked = db.session.scalars(
            sa.select(User)
            .join(Page, Page.user_id == User.id)
            .where(Page.subject_kind == Subject.ALERT, Page.subject_id == alert_id, Page.created_at == at)
            .where(Page.kind == PageKind.PAGE)
            .order_by(Page.id)
        ).all()
        return self._dice.choices(asked, [2.0**-number for number in range(len(asked))])[0] if asked else None

    def _take(self, alert_id: int, who: User, *, at: datetime) -> None:
        acknowledge(locked(alert_id), by=db.session.get_one(User, who.id), at=at)
        press(alert_id, who.id, at)
        show(at)

    def _reaction(self, plan: Plan, at: datetime) -> timedelta:
        """How long until somebody who was asked presses: slower at night, and sometimes asleep."""
        night = 2.2 if at.hour < 6 or at.hour >= 22 else 1.0
        asleep = 12.0 if self._dice.random() < 0.06 * night else 1.0
        return rules.minutes(self._dice, rules.ACKNOWLEDGED_WITHIN[plan.rule.severity] * night * asleep)


def locked(alert_id: int) -> Alert:
    alert = queries.locked(alert_id)
    assert alert is not None
    return alert


def escalate_due(alert_id: int) -> datetime | None:
    """When the alert's next step is due; None when there is none to come."""
    return db.session.scalars(sa.select(Escalation.next_due_at).where(Escalation.alert_id == alert_id)).one()
