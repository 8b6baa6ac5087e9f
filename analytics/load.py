"""Tables from CSV (plain or .gz) and Parquet files with the columns of `analytics.columns`."""

from collections.abc import Mapping
from os import SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics import columns

if TYPE_CHECKING:
    import duckdb

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
    _refuse_names(list(rows.columns), table, promised, path)
    if (key := columns.REQUIRED[table][0]).endswith("_id"):
        _refuse_unclear(rows[key], path)
    moments = [name for name, kind in promised.items() if kind == "moment" and name in rows.columns]
    refuse_two_kinds_of_time({name: _with_zone(rows[name]) for name in moments}, path)
    return columns.tidy(rows, promised)


def _refuse_names(names: list[str], table: str, promised: Mapping[str, columns.Kind], path: str | Path) -> None:
    missing = [name for name in columns.REQUIRED[table] if name not in names]
    meant = _meant(names, promised)
    if missing:
        raise UnreadableTable(f"{path} is not a table of {table}: it has no column {', '.join(missing)}{meant}")
    if meant:  # left alone, the column would read as empty: all open, nobody answered
        raise UnreadableTable(f"{path}: rename the column{meant}, or it is not read")


def _meant(names: list[str], promised: Mapping[str, columns.Kind]) -> str:
    """Columns that go by almost the promised name, as words to add: " (`resolved` for resolved_at)"."""
    lacking = {_plain(name): name for name in promised if name not in names}
    found = [
        f"`{name}` for {lacking[_plain(str(name))]}"
        for name in names
        if name not in promised and _plain(str(name)) in lacking
    ]
    return f" ({', '.join(found)})" if found else ""


def _plain(name: str) -> str:
    letters = "".join(letter for letter in name.lower() if letter.isalnum())
    return letters.removesuffix("at").removesuffix("time")


def _refuse_unclear(ids: "pd.Series[Any]", path: str | Path) -> None:
    again = ids[ids.duplicated()].dropna().unique()
    _say_unclear(str(ids.name), len(ids), int(ids.isna().sum()), len(again), list(again[:5]), path)


def _say_unclear(key: str, n: int, empty: int, again: int, first: list[str], path: str | Path) -> None:
    """An incident that stands twice would count twice, one without an id cannot be named."""
    if empty:
        raise UnreadableTable(f"{path}: {empty:,} of {n:,} rows have no {key}")
    if again:
        named = ", ".join(str(each) for each in first) + (", …" if again > len(first) else "")
        raise UnreadableTable(f"{path}: {again:,} {key} stand more than once: {named}")


ZONED = r":\d\d(?:\.\d+)? ?(?:[Zz]|[+-]\d\d(?::?\d\d)?)$"
OF_ONE_ZONE = "Give each its offset, such as +02:00, or read the file by `nightbell import csv` with a zone"


def _with_zone(values: "pd.Series[Any]") -> tuple[int, int]:
    """How many times of a column have a zone, and how many there are."""
    known = values.dropna()
    if known.empty or not isinstance(known.iloc[0], str):
        return (len(known) if getattr(known.dtype, "tz", None) is not None else 0), len(known)
    return int(known.str.contains(ZONED, regex=True).sum()), len(known)


def refuse_two_kinds_of_time(found: Mapping[str, tuple[int, int]], path: str | Path) -> None:
    """Offsets may differ from row to row. Times with one beside times without would be of two zones, in one
    column or in two: a length between them would be wrong by hours. `found`: with a zone, and of how many.
    """
    for name, (zoned, n) in found.items():
        if 0 < zoned < n:
            raise UnreadableTable(
                f"{path}: column {name}: {n - zoned:,} times have no zone and the others have one."
                f" {OF_ONE_ZONE}"
            )
    with_zone = [name for name, (zoned, n) in found.items() if n and zoned]
    without = [name for name, (zoned, n) in found.items() if n and not zoned]
    if with_zone and without:
        raise UnreadableTable(
            f"{path}: times of {', '.join(without)} have no zone and those of {', '.join(with_zone)} have one."
            f" {OF_ONE_ZONE}"
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
    cells are not what the columns promise; what a frame is refused for, this is.
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
        connection.execute("SET temp_directory = ?", [str(target.parent / ".spilled")])
        try:
            given = connection.read_csv(str(path), all_varchar=True)
            names = given.columns
            _refuse_names(names, table, promised, path)
            given.create_view("given")
            _refuse_rows(connection, names, table, promised, path)
            cells = ", ".join(
                f'CAST(nullif("{name}", \'\') AS {kinds[kind]}) AS "{name}"' if name in names
                else f'CAST(NULL AS {kinds[kind]}) AS "{name}"'
                for name, kind in promised.items()
            )  # fmt: skip
            given.project(cells).write_parquet(str(target))
        except duckdb.Error as problem:
            raise UnreadableTable(f"{path}: {problem}") from problem
    return target


def _refuse_rows(
    connection: "duckdb.DuckDBPyConnection",
    names: list[str],
    table: str,
    promised: Mapping[str, columns.Kind],
    path: str | Path,
) -> None:
    """What `_load` refuses in a frame, asked of the view `given`."""
    moments = [name for name in names if promised.get(name) == "moment"]
    counts = ", ".join(
        f"count(*) FILTER (regexp_matches(\"{name}\", '{ZONED}')), count(nullif(\"{name}\", ''))"
        for name in moments
    )
    told = f"SELECT {counts} FROM given"  # nosec B608 - names of ours
    found = connection.sql(told).fetchall()[0]
    refuse_two_kinds_of_time(
        {name: (found[2 * place], found[2 * place + 1]) for place, name in enumerate(moments)}, path
    )
    key = columns.REQUIRED[table][0]
    if key.endswith("_id"):
        again_and_again = "id IS NOT NULL AND n > 1"
        ids = f"SELECT nullif(\"{key}\", '') AS id, count(*) AS n FROM given GROUP BY 1"  # nosec B608 - a name of ours
        ids_of = connection.sql(ids)
        n, empty, again = ids_of.aggregate(
            f"sum(n), coalesce(sum(n) FILTER (id IS NULL), 0), count(*) FILTER ({again_and_again})"
        ).fetchall()[0]
        first = [id_ for (id_,) in ids_of.filter(again_and_again).order("id").limit(5).project("id").fetchall()]
        _say_unclear(key, int(n or 0), int(empty), int(again), first, path)
