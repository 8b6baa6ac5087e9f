"""Tables from CSV (plain or .gz) and Parquet files with the columns of `analytics.columns`."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analytics import columns


class UnreadableTable(ValueError):
    """A file that is not the table it was taken for; the message says what is missing."""


def load_incidents(path: str | Path) -> pd.DataFrame:
    """One row per incident: at least ``incident_id`` and ``detected_at``; times are UTC."""
    return _load(path, "incidents", columns.INCIDENTS)


def load_events(path: str | Path) -> pd.DataFrame:
    """One row per recorded fact: at least ``at``, ``kind`` and the id of what it is about."""
    return _load(path, "events", columns.EVENTS)


def load_alerts(path: str | Path) -> pd.DataFrame:
    """One row per alert: at least ``alert_id`` and ``fired_at``; times are UTC."""
    return _load(path, "alerts", columns.ALERTS)


def _load(path: str | Path, table: str, promised: Mapping[str, columns.Kind]) -> pd.DataFrame:
    rows = read_rows(path)
    missing = [name for name in columns.REQUIRED[table] if name not in rows.columns]
    if missing:
        raise UnreadableTable(f"{path} is not a table of {table}: it has no column {', '.join(missing)}")
    return columns.tidy(rows, promised)


def read_rows(path: str | Path) -> pd.DataFrame:
    """The rows of a file as they are: words in CSV, typed in Parquet."""
    file = Path(path)
    if file.suffix == ".parquet":
        import duckdb  # only a process that reads Parquet pays for it

        from analytics import archive

        try:
            return archive.read_parquet([str(file)])
        except duckdb.Error as problem:
            raise UnreadableTable(f"{file} cannot be read as Parquet: {problem}") from problem
    # "NA" and "null" are names somebody gave; only an empty cell is empty
    return pd.read_csv(file, dtype=str, keep_default_na=False, na_values=[""])
