"""Which alerts a list shows, and how many each of its filters would show."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.alerts.models import Alert, Service
from app.database import db, foretold, once
from app.domain.timeline import Subject
from app.domain.words import AlertStatus, PageKind, Severity, Urgency
from app.paging.models import Page

LONGEST = 200
MOST_WAITING = 99

IS_OPEN = Alert.status != sa.literal_column("'resolved'")  # in the words of the index of what is open
WORST_FIRST = sa.case({severity: place for place, severity in enumerate(Severity)}, value=Alert.severity)


@dataclass(frozen=True)
class Filters:
    """OR within one, AND across. Empty means: does not matter; no status means: not resolved."""

    needs_me: int | None = None  # the person whose unanswered pages to show
    teams: frozenset[int] = frozenset()
    severities: frozenset[Severity] = frozenset()
    services: frozenset[int] = frozenset()
    statuses: frozenset[AlertStatus] = frozenset()
    urgencies: frozenset[Urgency] = frozenset()


@dataclass(frozen=True)
class Counts:
    """How many open alerts there are of each kind, whatever else is chosen."""

    severities: Counter[Severity] = field(default_factory=Counter)
    statuses: Counter[AlertStatus] = field(default_factory=Counter)
    services: Counter[int] = field(default_factory=Counter)
    urgencies: Counter[Urgency] = field(default_factory=Counter)
    teams: Counter[int] = field(default_factory=Counter)


def alerts(filters: Filters, *, among: sa.ColumnElement[bool]) -> Sequence[Alert]:
    """Unacknowledged first, the worst first, then the newest; 200 at most, `among` those the viewer may see."""
    rows = (
        sa.select(Alert)
        .where(*_conditions(filters), among)
        .order_by(Alert.status != AlertStatus.TRIGGERED, WORST_FIRST, Alert.created_at.desc(), Alert.id.desc())
        .limit(LONGEST)
        .options(joinedload(Alert.service), joinedload(Alert.acknowledged_by), joinedload(Alert.escalation))
    )
    return db.session.scalars(rows).all()


def counts(*, among: sa.ColumnElement[bool]) -> Counts:
    """For the number beside each filter: one query over what is open and `among` what the viewer may see."""
    found = Counts()
    kinds = (Alert.severity, Alert.status, Alert.service_id, Alert.urgency, Alert.team_id)
    rows = db.session.execute(
        sa.select(*kinds, sa.func.count()).where(Alert.status != AlertStatus.RESOLVED, among).group_by(*kinds)
    )
    for severity, status, service, urgency, team, number in rows:
        found.severities[severity] += number
        found.statuses[status] += number
        found.services[service] += number
        found.urgencies[urgency] += number
        found.teams[team] += number
    return found


def services_of(ids: Sequence[int], *, among: sa.ColumnElement[bool]) -> Sequence[Service]:
    """Those services by name, of which the viewer may see an alert."""
    seen = sa.exists().where(Alert.service_id == Service.id, among).correlate(Service)
    rows = sa.select(Service).where(Service.id.in_(ids), seen).order_by(Service.name)
    return db.session.scalars(rows).all()


def asks(user_id: int) -> sa.ColumnElement[bool]:
    """The alert has paged this person in its present run, and nobody has it yet."""
    return sa.and_(
        Alert.status == AlertStatus.TRIGGERED,
        IS_OPEN,
        sa.exists().where(
            Page.subject_kind == Subject.ALERT, Page.subject_id == Alert.id, Page.run == Alert.run,
            Page.kind == PageKind.PAGE, Page.user_id == user_id,
        ),
    )  # fmt: skip


def waiting_for(user_id: int, *, beside: int | None = None) -> int:
    """How many alerts wait for this person's answer, the one `beside` left out; MOST_WAITING at most."""
    return min(len(_waiting(user_id) - {beside}), MOST_WAITING)


def now_waits_for(user_id: int, alert_id: int) -> None:
    """The alert has just paged this person: it counts for the next page of the same batch."""
    waiting: set[int | None] | None = foretold(("waiting", user_id))
    if waiting is not None:
        waiting.add(alert_id)


def _waiting(user_id: int) -> set[int | None]:
    """Of these alerts as many as are counted, and one more, which may be the one that is left out."""
    return once(
        ("waiting", user_id),
        lambda: set(db.session.scalars(sa.select(Alert.id).where(asks(user_id)).limit(MOST_WAITING + 1))),
    )


def _conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    chosen: list[sa.ColumnElement[bool]] = [
        column.in_(values)
        for column, values in (
            (Alert.team_id, filters.teams),
            (Alert.severity, filters.severities),
            (Alert.service_id, filters.services),
            (Alert.urgency, filters.urgencies),
            (Alert.status, filters.statuses),
        )
        if values
    ]
    if not filters.statuses:
        chosen.append(Alert.status != AlertStatus.RESOLVED)
    if filters.needs_me is not None:
        chosen.append(asks(filters.needs_me))
    return chosen
