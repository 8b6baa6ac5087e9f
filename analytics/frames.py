"""From a Nightbell database to tidy tables: plain SQL, each beside the columns it promises.

A source is a database URL (SQLite files are opened read only, PostgreSQL in a read-only snapshot), or an open
SQLAlchemy connection or engine. The SQL keeps to what SQLite and PostgreSQL share. The moment an alert was
detected is the one at which this product first heard of it (``created_at``), not what its source says about
its start.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from analytics import columns
from analytics.tables import Tables

Source = str | sa.Engine | sa.Connection

# columns.INCIDENTS; its service is the first of those named, its reassignments are changes of commander
INCIDENTS = """
SELECT incident.id AS incident_id, incident.title,
       (SELECT min(service.name) FROM service
         WHERE service.id = (SELECT min(service_id) FROM incident_service WHERE incident_id = incident.id)
       ) AS service,
       team.name AS team, upper(incident.severity) AS severity, 'incident' AS kind,
       impact_started_at, detected_at, declared_at, acknowledged_at, mitigated_at, resolved_at, closed_at,
       NULL AS merged_into, reopen_count,
       (SELECT count(*) FROM event
         WHERE subject_kind = 'incident' AND subject_id = incident.id AND event.kind = 'commander_changed'
       ) AS reassignment_count
  FROM incident
  LEFT JOIN team ON team.id = incident.team_id
 WHERE (:since IS NULL OR detected_at >= :since) AND (:until IS NULL OR detected_at < :until)
 ORDER BY detected_at, incident.id
"""

# columns.EVENTS; an event without an actor is the source's or the engine's
EVENTS = """
SELECT CASE WHEN subject_kind = 'incident' THEN subject_id END AS incident_id,
       CASE WHEN subject_kind = 'alert' THEN subject_id END AS alert_id,
       event.at, event.kind, "user".name AS actor,
       data ->> 'team' AS team, data ->> 'from' AS "from", data ->> 'to' AS "to"
  FROM event
  LEFT JOIN "user" ON "user".id = event.actor_id
 WHERE subject_kind IN ('incident', 'alert')
   AND (:since IS NULL OR event.at >= :since) AND (:until IS NULL OR event.at < :until)
 ORDER BY event.at, event.id
"""

# columns.ALERTS; an acknowledgement taken back was one all the same: the log remembers what the row forgot
ALERTS = """
SELECT alert.id AS alert_id, coalesce(labels ->> 'alertname', alert.title) AS rule,
       service.name AS service, team.name AS team,
       coalesce(labels ->> 'instance', labels ->> 'source', labels ->> 'host') AS target,
       alert.severity, alert.created_at AS fired_at,
       coalesce(human.first_at, alert.acknowledged_at) AS acknowledged_at,
       CASE WHEN human.first_at IS NOT NULL OR alert.acknowledged_by_id IS NOT NULL THEN 'human'
            WHEN alert.acknowledged_at IS NOT NULL THEN 'source' END AS acknowledged_by,
       alert.resolved_at, alert.resolved_by,
       incident_alert.incident_id, NULL AS usefulness, alert.urgency, alert.reopen_count
  FROM alert
  JOIN service ON service.id = alert.service_id
  JOIN team ON team.id = alert.team_id
  LEFT JOIN incident_alert ON incident_alert.alert_id = alert.id
  LEFT JOIN (SELECT subject_id, min(at) AS first_at FROM event
              WHERE subject_kind = 'alert' AND kind IN ('acknowledged', 'snoozed') AND actor_id IS NOT NULL
              GROUP BY subject_id) AS human ON human.subject_id = alert.id
 WHERE (:since IS NULL OR alert.created_at >= :since) AND (:until IS NULL OR alert.created_at < :until)
 ORDER BY alert.created_at, alert.id
"""

# columns.PAGES; sent: a push service accepted it; delivered: a device reported it received or shown
PAGES = """
SELECT page.id AS page_id, "user".name AS "user",
       CASE WHEN subject_kind = 'alert' THEN subject_id END AS alert_id,
       CASE WHEN subject_kind = 'incident' THEN subject_id END AS incident_id,
       min(delivery.channel) AS channel, min(delivery.accepted_at) AS sent_at,
       min(coalesce(delivery.received_at, delivery.shown_at)) AS delivered_at,
       min(delivery.acked_at) AS answered_at
  FROM page
  JOIN "user" ON "user".id = page.user_id
  LEFT JOIN delivery ON delivery.page_id = page.id
 WHERE page.kind = 'page'
   AND (:since IS NULL OR page.created_at >= :since) AND (:until IS NULL OR page.created_at < :until)
 GROUP BY page.id, "user".name, subject_kind, subject_id
 ORDER BY page.id
"""


# columns.PEOPLE; the product keeps no hours of sleep that differ from the house's yet
PEOPLE = """
SELECT name AS "user", time_zone, NULL AS sleep_start, NULL AS sleep_end
  FROM "user" ORDER BY id
"""


# what columns.SHIFTS is made of: the book of who had it, a row an answer, its people as JSON
LEDGER = """
SELECT coalesce(schedule.name, 'a schedule that is gone') AS schedule, ledger_entry.start, ledger_entry."end",
       ledger_entry.people
  FROM ledger_entry LEFT JOIN schedule ON schedule.id = ledger_entry.schedule_id
 WHERE (:since IS NULL OR ledger_entry."end" IS NULL OR ledger_entry."end" > :since)
   AND (:until IS NULL OR ledger_entry.start < :until)
 ORDER BY ledger_entry.start, ledger_entry.id
"""


def incidents(
    source: Source, since: pd.Timestamp | None = None, until: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Incidents detected in the half-open [since, until); None leaves that end open."""
    return columns.tidy(_rows(source, INCIDENTS, since, until), columns.INCIDENTS)


def events(
    source: Source, since: pd.Timestamp | None = None, until: pd.Timestamp | None = None
) -> pd.DataFrame:
    """What was recorded about incidents and alerts in [since, until), in order."""
    return columns.tidy(_rows(source, EVENTS, since, until), columns.EVENTS)


def alerts(
    source: Source, since: pd.Timestamp | None = None, until: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Alerts that fired in [since, until); ``urgency`` (high, low) and ``reopen_count`` come along."""
    return columns.tidy(_rows(source, ALERTS, since, until), {**columns.ALERTS, "reopen_count": "count"})


def pages(source: Source, since: pd.Timestamp | None = None, until: pd.Timestamp | None = None) -> pd.DataFrame:
    """Pages asked for in [since, until), no notices or tests; ``sent_at`` is empty where no service took it."""
    return columns.tidy(_rows(source, PAGES, since, until), columns.PAGES)


def shifts(
    source: Source, since: pd.Timestamp | None = None, until: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Who had it, from the book of the past that touches [since, until); what still runs ends now."""
    with connected(source) as connection:
        book = _rows(connection, LEDGER, since, until)
        names: dict[Any, str] = {
            row.id: row.name for row in connection.execute(sa.text('SELECT id, name FROM "user"'))
        }
    now = pd.Timestamp.now("UTC")
    answers: list[Any] = list(book.itertuples())
    lines = [
        {
            "user": names.get(person["user_id"]),
            "schedule": row.schedule,
            "start": row.start,
            "end": now if pd.isna(row.end) else row.end,
            "role": person["role"],
        }
        for row in answers
        for person in (json.loads(row.people) if isinstance(row.people, str) else row.people)
    ]
    return columns.tidy(pd.DataFrame(lines, columns=list(columns.SHIFTS)), columns.SHIFTS)


def people(source: Source) -> pd.DataFrame:
    """Everybody, with the zone their hours are counted in."""
    return columns.tidy(_rows(source, PEOPLE, None, None), columns.PEOPLE)


def months(source: Source, table: str) -> list[str]:
    """The months, as 2026-03, from the first to the last in which a row of `table` begins; by the database's
    UTC.
    """
    column = {
        "incidents": "incident.detected_at", "events": "event.at", "alerts": "alert.created_at",
        "pages": "page.created_at", "shifts": "ledger_entry.start",
    }[table]  # fmt: skip
    start: sa.ColumnElement[Any] = sa.literal_column(column)
    ends = sa.select(sa.func.min(start), sa.func.max(start)).select_from(sa.table(column.partition(".")[0]))
    with connected(source) as connection:
        first, last = connection.execute(ends).one()
    if first is None:
        return []
    bounds = [pd.Timestamp(end) for end in (first, last)]
    bounds = [at.tz_localize("UTC") if at.tzinfo is None else at.tz_convert("UTC") for at in bounds]
    low, high = (at.tz_localize(None).to_period("M") for at in bounds)
    return [str(month) for month in pd.period_range(low, high, freq="M")]


def read(source: Source) -> Tables:
    """All tables, read in one transaction so that they agree; they speak of now."""
    with connected(source) as connection:
        return everything(connection)


def everything(connection: sa.Connection) -> Tables:
    """All tables by one open connection."""
    return Tables(
        incidents=incidents(connection),
        events=events(connection),
        alerts=alerts(connection),
        pages=pages(connection),
        shifts=shifts(connection),
        people=people(connection),
        as_of=pd.Timestamp.now("UTC").as_unit("us"),
    )


@contextmanager
def connected(source: Source) -> Iterator[sa.Connection]:
    """A connection for reading; one that was handed in is used as it is."""
    if isinstance(source, sa.Connection):
        yield source
        return
    engine = source if isinstance(source, sa.Engine) else _engine(source)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection
    finally:
        if engine is not source:
            engine.dispose()


def _engine(address: str) -> sa.Engine:
    for plain in ("postgres://", "postgresql://"):
        if address.startswith(plain):
            address = "postgresql+psycopg://" + address.removeprefix(plain)
    url = sa.make_url(address)
    if url.get_backend_name() != "sqlite" or not url.database:
        return sa.create_engine(url, poolclass=NullPool)
    file = Path(url.database).absolute()
    if not file.exists():
        raise FileNotFoundError(f"there is no database at {file}")
    # mode=ro: a report can neither change a row nor make an empty file where the path was mistyped
    return sa.create_engine(f"sqlite:///{file.as_uri()}?mode=ro&uri=true", poolclass=NullPool)


def _rows(source: Source, query: str, since: pd.Timestamp | None, until: pd.Timestamp | None) -> pd.DataFrame:
    with connected(source) as connection:
        moments = {"since": _bound(since, connection), "until": _bound(until, connection)}
        typed = [sa.bindparam(name, type_=_type(connection)) for name in moments if f":{name}" in query]
        said = {bound.key: moments[bound.key] for bound in typed}
        result = connection.execute(sa.text(query).bindparams(*typed), said)
        # as objects: an id beside an empty cell must not become a float
        return pd.DataFrame(result.fetchall(), columns=list(result.keys()), dtype=object)


def _type(connection: sa.Connection) -> sa.types.TypeEngine[Any]:
    """Moments are words in UTC on SQLite, timestamps with a zone on PostgreSQL."""
    return sa.String() if connection.dialect.name == "sqlite" else sa.DateTime(timezone=True)


def _bound(moment: pd.Timestamp | None, connection: sa.Connection) -> Any:
    if moment is None:
        return None
    at = pd.Timestamp(moment).tz_convert("UTC").to_pydatetime()
    return f"{at:%Y-%m-%d %H:%M:%S.%f}" if connection.dialect.name == "sqlite" else at
