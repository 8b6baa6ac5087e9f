"""Keep the days that Trends reads: what changed since the last time, and then further back, a piece at a time.

What changed is read off the event log: every change of state writes there. Nothing here loads pandas.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial

import sqlalchemy as sa

from analytics import compact, queries, schema
from app.alerts.models import Alert
from app.database import UtcDateTime, db, on_sqlite, transaction
from app.domain.timeline import Subject
from app.incidents.models import Incident
from app.paging.models import Page
from app.timeline.models import Event
from app.trends.models import TrendDay, TrendMark

TABLES = {
    "incidents": (queries.INCIDENTS, schema.INCIDENTS),
    "alerts": (queries.ALERTS, {**schema.ALERTS, "reopen_count": "count"}),
    "events": (queries.EVENTS, schema.EVENTS),
    "pages": (queries.PAGES, schema.PAGES),
}
DAY = timedelta(days=1)
BACKWARDS = 28  # days further back in one go
SLACK = 500  # events looked at again on PostgreSQL, where a lower number may be committed later
FRESH = timedelta(minutes=10)
MARK = 1
TRIES = 3


def renew(now: datetime) -> int:
    """Bring the kept days up to `now`. Returns how many were packed again."""
    mark = db.session.get(TrendMark, MARK)
    before = None if mark is None else (mark.last_event_id, mark.through)
    last = db.session.scalar(sa.select(sa.func.max(Event.id))) or 0
    today = now.astimezone(UTC).date()
    since = today + DAY if mark is None else mark.since
    slack = 0 if on_sqlite() else SLACK
    changed = set() if mark is None else set(_changed(mark.last_event_id - slack, today))
    oldest = _oldest()
    back = max(oldest, since - BACKWARDS * DAY) if oldest is not None and oldest < since else None
    days = {(table, day) for table, day in changed if day >= since}
    if back is not None:
        days |= {(table, back + number * DAY) for table in TABLES for number in range((since - back).days)}
    db.session.rollback()
    for day in sorted({day for _, day in days}, reverse=True):
        _whoever_came_first(partial(_pack, [table for table in TABLES if (table, day) in days], day))
    # nothing is older than the oldest row: then the days reach back as far as anybody may ask
    reached = (back or since) if oldest is not None and (back or since) > oldest else date.min
    _whoever_came_first(partial(_mark, before, last, reached, now))
    return len(days)


def _whoever_came_first(write: Callable[[], None]) -> None:
    """Write; once more where another engine put the same row there in this moment: then it can be replaced."""
    for _ in range(TRIES - 1):
        try:
            return write()
        except sa.exc.IntegrityError:
            db.session.rollback()
    return write()


def _mark(before: tuple[int, datetime] | None, last: int, since: date, now: datetime) -> None:
    """Note how far the days are kept. Where another came to its end since `before` was read, one of us wrote
    what it had read over what the other knew: then only what both know holds.
    """
    with transaction() as session:
        kept = session.get(TrendMark, MARK, with_for_update=True)
        if kept is None:
            session.add(TrendMark(id=MARK, last_event_id=last, since=since, through=now))
            return
        is_alone = before == (kept.last_event_id, kept.through)
        kept.last_event_id = last if is_alone else min(last, kept.last_event_id)
        kept.through = now if is_alone else min(now, kept.through)
        kept.since = min(since, kept.since)


def _changed(after: int, today: date) -> Iterator[tuple[str, date]]:
    """The tables and days whose rows may read otherwise now."""
    told = sa.select(Event.subject_kind, Event.subject_id, Event.at).where(Event.id > after)
    alerts, incidents = set(), set()
    for kind, number, at in db.session.execute(told):
        yield "events", at.astimezone(UTC).date()
        if kind == Subject.ALERT:
            alerts.add(number)
        elif kind == Subject.INCIDENT:
            incidents.add(number)
    for table, column, numbers in (
        ("alerts", Alert.created_at, alerts), ("incidents", Incident.detected_at, incidents),
    ):  # fmt: skip
        owner = column.class_
        for part in _parts(sorted(numbers)):
            for at in db.session.scalars(sa.select(column).where(owner.id.in_(part))):
                yield table, at.astimezone(UTC).date()
    for day in (today, today - DAY):  # reports of delivery come in without an event
        yield "pages", day


def _parts(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), 500):
        yield numbers[start : start + 500]


def _oldest() -> date | None:
    starts = [Alert.created_at, Incident.detected_at, Event.at, Page.created_at]
    found = [at for column in starts if (at := db.session.scalar(sa.select(sa.func.min(column)))) is not None]
    return min(found).astimezone(UTC).date() if found else None


def _pack(tables: list[str], day: date) -> None:
    """Read that day's rows of the tables, and keep them in place of what was kept of them."""
    packed = [one for table in tables if (one := _packed(table, day)) is not None]
    db.session.rollback()  # read before the write lock is taken, so that intake waits for a moment only
    with transaction() as session:
        of_day = sa.delete(TrendDay).where(TrendDay.day == day, TrendDay.table_name.in_(tables))
        session.execute(of_day, execution_options={"synchronize_session": False})
        session.add_all(packed)


def _packed(table: str, day: date) -> TrendDay | None:
    """That day's rows of the table as they are kept; None for none."""
    query, kinds = TABLES[table]
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    bounds = {"since": start, "until": start + DAY}
    typed = [sa.bindparam(name, type_=UtcDateTime()) for name in bounds]
    result = db.session.execute(sa.text(query).bindparams(*typed), bounds)
    names, rows = list(result.keys()), result.fetchall()
    if not rows:
        return None
    return TrendDay(table_name=table, day=day, rows=len(rows), packed=compact.pack(rows, names, kinds))


def kept_since(since: datetime, now: datetime) -> datetime | None:
    """The moment up to which the kept days tell of everything from `since` on; None where they do not, or are
    old.
    """
    mark = db.session.get(TrendMark, MARK)
    if mark is None or mark.through < now - FRESH or mark.since > since.astimezone(UTC).date():
        return None
    return mark.through


def days_of(table: str, since: datetime) -> list[bytes]:
    """The packed days of a table from the one that holds `since` on, oldest first."""
    kept = sa.select(TrendDay.packed).where(
        TrendDay.table_name == table, TrendDay.day >= since.astimezone(UTC).date()
    )
    return list(db.session.scalars(kept.order_by(TrendDay.day)))


def rows_since(since: datetime) -> int:
    """How many rows the kept days hold from that day on."""
    kept = sa.select(sa.func.sum(TrendDay.rows)).where(TrendDay.day >= since.astimezone(UTC).date())
    return db.session.scalar(kept) or 0
