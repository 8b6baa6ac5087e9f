"""Every row of one database into another, and the proof that all of them arrived as they were."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa

from app.database import Base

BATCH = 1000  # rows in memory at once


def copy(source: sa.Connection, target: sa.Connection) -> dict[str, int]:
    """Fill the empty tables of `target`, at the same schema; answers how many rows each table got.

    New rows there are numbered after the old ones.
    """
    copied = {table.name: _fill(table, source, target) for table in Base.metadata.sorted_tables}
    if target.dialect.name != "postgresql":
        return copied  # SQLite numbers after the highest by itself
    for table in Base.metadata.sorted_tables:
        if copied[table.name] and "id" in table.columns:
            last = target.scalar(sa.select(sa.func.max(table.c.id)))
            sequence = sa.func.pg_get_serial_sequence(f'"{table.name}"', "id")
            target.execute(sa.select(sa.func.setval(sequence, last)))
    return copied


def differing(one: sa.Connection, other: sa.Connection) -> list[str]:
    """The tables whose rows are not the same in both, by count and by the digest of all they hold."""
    return [
        table.name
        for table in Base.metadata.sorted_tables
        if _fingerprint(table, one) != _fingerprint(table, other)
    ]


def filled(connection: sa.Connection) -> list[str]:
    """The tables that hold rows."""
    return [
        table.name
        for table in Base.metadata.sorted_tables
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None
    ]


def _fill(table: sa.Table, source: sa.Connection, target: sa.Connection) -> int:
    count = 0
    for batch in _rows(table, source).partitions():
        target.execute(sa.insert(table), [dict(row._mapping) for row in batch])
        count += len(batch)
    return count


def _fingerprint(table: sa.Table, connection: sa.Connection) -> tuple[int, str]:
    """Count and SHA-256 of the rows, as Python reads them: the same on both kinds of database."""
    count, digest = 0, hashlib.sha256()
    for row in _rows(table, connection):
        digest.update(json.dumps(list(row), default=_plain, sort_keys=True).encode() + b"\n")
        count += 1
    return count, digest.hexdigest()


def _rows(table: sa.Table, connection: sa.Connection) -> sa.CursorResult[Any]:
    statement = sa.select(table).order_by(*table.primary_key)
    return connection.execute(statement, execution_options={"yield_per": BATCH})


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
