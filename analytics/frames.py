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
from analytics.queries import ALERTS, EVENTS, INCIDENTS, LEDGER, PAGES, PEOPLE
from analytics.tables import Tables

Source = str | sa.Engine | sa.Connection


class NoSuchSource(ValueError):
    """An address of a database that is none of ours."""


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
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise NoSuchSource(f"{url.get_backend_name()} is not read: a source is SQLite or PostgreSQL")
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
