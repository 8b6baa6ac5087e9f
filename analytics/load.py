"""Tables from CSV (plain or .gz) and Parquet files with the columns of `analytics.columns`."""

from collections.abc import Mapping
from os import SEEK_END
from pathlib import Path
from typing import Any

import pandas as pd

from analytics import columns

LARGEST = 500_000_000  # bytes of text that become a frame of words, of some four times the memory
GZIP_TAIL = 4


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
        raise UnreadableTable(
            f"{path} is not a table of {table}: it has no column {', '.join(missing)}{_meant(rows, promised)}"
        )
    if meant := _meant(rows, promised):  # left alone, the column would read as empty: all open, nobody answered
        raise UnreadableTable(f"{path}: rename the column{meant}, or it is not read")
    if (key := columns.REQUIRED[table][0]).endswith("_id"):
        _refuse_unclear(rows[key], path)
    for name, kind in promised.items():
        if kind == "moment" and name in rows.columns:
            _refuse_two_kinds_of_time(rows[name], path)
    return columns.tidy(rows, promised)


def _meant(rows: pd.DataFrame, promised: Mapping[str, columns.Kind]) -> str:
    """Columns that go by almost the promised name, as words to add: " (`resolved` for resolved_at)"."""
    lacking = {_plain(name): name for name in promised if name not in rows.columns}
    found = [
        f"`{name}` for {lacking[_plain(str(name))]}"
        for name in rows.columns
        if name not in promised and _plain(str(name)) in lacking
    ]
    return f" ({', '.join(found)})" if found else ""


def _plain(name: str) -> str:
    letters = "".join(letter for letter in name.lower() if letter.isalnum())
    return letters.removesuffix("at").removesuffix("time")


def _refuse_unclear(ids: "pd.Series[Any]", path: str | Path) -> None:
    """An incident that stands twice would count twice, one without an id cannot be named."""
    if empty := int(ids.isna().sum()):
        raise UnreadableTable(f"{path}: {empty:,} of {len(ids):,} rows have no {ids.name}")
    again = ids[ids.duplicated()].unique()
    if len(again):
        named = ", ".join(str(each) for each in again[:5])
        more = ", …" if len(again) > 5 else ""
        raise UnreadableTable(f"{path}: {len(again):,} {ids.name} stand more than once: {named}{more}")


def _refuse_two_kinds_of_time(values: "pd.Series[Any]", path: str | Path) -> None:
    """Offsets may differ from row to row. Times with one beside times without would be of two zones."""
    words = values.dropna()
    if words.empty or not isinstance(words.iloc[0], str):
        return
    zoned = words.str.contains(r"(?:Z|[+-]\d\d:?\d\d)$", regex=True)
    if zoned.any() and not zoned.all():
        raise UnreadableTable(
            f"{path}: column {values.name}: {int((~zoned).sum()):,} times have no zone and the others have one."
            " Give each its offset, such as +02:00, or read the file by `nightbell import csv` with a zone"
        )


def read_rows(path: str | Path) -> pd.DataFrame:
    """The rows of a file as they are: words in CSV, typed in Parquet. Raises UnreadableTable."""
    file = Path(path)
    if file.suffix == ".parquet":
        import duckdb  # only a process that reads Parquet pays for it

        from analytics import archive

        try:
            return archive.read_parquet([str(file)])
        except duckdb.Error as problem:
            raise UnreadableTable(f"{file} cannot be read as Parquet: {problem}") from problem
    if (size := _unpacked(file)) > LARGEST:
        raise UnreadableTable(
            f"{file} has {size / 1e6:,.0f} MB as text; a frame of over {LARGEST / 1e6:,.0f} MB would not fit in"
            " memory. Turn it into Parquet once, in bounded memory, and ask that:"
            f' analytics.load.to_parquet("{file}", "kept", "incidents") and analytics.scale.on_parquet(…)'
        )
    # "NA" and "null" are names somebody gave; only an empty cell is empty
    return pd.read_csv(file, dtype=str, keep_default_na=False, na_values=[""])


def _unpacked(file: Path) -> int:
    """Bytes of text in a file; of a .gz as its last four bytes say, which is modulo 4 GB."""
    size = file.stat().st_size
    if file.suffix != ".gz" or size < GZIP_TAIL:
        return size
    with file.open("rb") as packed:
        packed.seek(-GZIP_TAIL, SEEK_END)
        return max(size, int.from_bytes(packed.read(), "little"))


def to_parquet(path: str | Path, folder: str | Path, table: str) -> Path:
    """A CSV of any size as Parquet under `folder`, where `scale.on_parquet` finds it, in under a gigabyte of
    memory. `table` is incidents, events or alerts. Raises UnreadableTable for a file that is none, or whose
    cells are not what the columns promise.
    """
    import duckdb

    from analytics.scale import MEMORY

    promised = {"incidents": columns.INCIDENTS, "events": columns.EVENTS, "alerts": columns.ALERTS}[table]
    kinds = {"text": "VARCHAR", "moment": "TIMESTAMPTZ", "count": "BIGINT", "share": "DOUBLE"}
    target = Path(folder) / table / "all.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET memory_limit = ?", [MEMORY])
        connection.execute("SET preserve_insertion_order = false")
        try:
            names = connection.read_csv(str(path), all_varchar=True).columns
            missing = [name for name in columns.REQUIRED[table] if name not in names]
            if missing:
                raise UnreadableTable(
                    f"{path} is not a table of {table}: it has no column {', '.join(missing)}"
                )
            cells = ", ".join(
                f'CAST(nullif("{name}", \'\') AS {kinds[kind]}) AS "{name}"' if name in names
                else f'CAST(NULL AS {kinds[kind]}) AS "{name}"'
                for name, kind in promised.items()
            )  # fmt: skip
            connection.read_csv(str(path), all_varchar=True).project(cells).write_parquet(str(target))
        except duckdb.Error as problem:
            raise UnreadableTable(f"{path}: {problem}") from problem
    return target
