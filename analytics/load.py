"""Tables from CSV (plain or .gz) and Parquet files with the columns of `analytics.columns`."""

from collections.abc import Mapping
from os import SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics import columns, delimited
from analytics.delimited import UnreadableTable as UnreadableTable

if TYPE_CHECKING:
    import duckdb

LARGEST = 500_000_000  # bytes of text that become a frame of words, of some four times the memory
MOST_ROWS = 5_000_000  # of a Parquet file that become a frame
BOUND = "500MB"  # of what DuckDB may hold of a larger one; the process needs some 250 MB besides
GZIP_TAIL, GZIP_AT_MOST = 4, 1032  # bytes that tell the size, and how many times its own a .gz can hold
#: without these nothing would ever be over, which is no answer
ENDS = {"incidents": "resolved_at", "alerts": "resolved_at"}


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
    for name in moments:
        said = rows[name].dropna()
        if said.empty or not isinstance(said.iloc[0], str):  # typed, as in Parquet
            continue
        if (none := said.str.strip().str.lower().isin(NO_WORDS)).any():
            raise UnreadableTable(f"{path}: column {name}: {said[none].iloc[0]} is not {A_TIME}")
    refuse_two_kinds_of_time({name: _with_zone(rows[name]) for name in moments}, path)
    try:
        return columns.tidy(rows, promised)
    except columns.Unclear as problem:
        raise UnreadableTable(f"{path}: {problem}") from problem


def _refuse_names(names: list[str], table: str, promised: Mapping[str, columns.Kind], path: str | Path) -> None:
    missing = [name for name in columns.REQUIRED[table] if name not in names]
    meant = _meant(names, promised)
    if missing:
        raise UnreadableTable(f"{path} is not a table of {table}: it has no column {', '.join(missing)}{meant}")
    if meant:  # left alone, the column would read as empty: all open, nobody answered
        raise UnreadableTable(f"{path}: rename the column{meant}, or it is not read")
    if (end := ENDS.get(table)) is not None and end not in names:
        raise UnreadableTable(
            f"{path} has no column {end}: every one of its {table} would read as still open. Add it, empty"
            " where that is so"
        )


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


#: of a count and of a share: what is wrong with a number, and what it should be
NUMBERS: dict[str, tuple[tuple[str, str], ...]] = {
    "count": (("isnan({0})", "a number"), ("({0} < 0 OR {0} <> floor({0}) OR isinf({0}))", "a count")),
    "share": (("isnan({0})", "a number"), ("NOT {0} BETWEEN 0 AND 1", "a share of 0 to 1")),
}
#: what others write into a cell of which nothing is known
NO_WORDS = ("null", "none", "nan", "nat", "n/a", "na", "-", "?")
A_TIME = "a time: leave the cell empty where there is none"
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
            if (n := archive.rows_in(file)) > MOST_ROWS:
                raise UnreadableTable(
                    f"{file} has {n:,} rows; a frame of over {MOST_ROWS:,} would not fit in memory. Ask it"
                    " where it is: analytics.scale.on_parquet(…), of a folder with it as incidents/….parquet"
                )
            return archive.read_parquet([str(file)])
        except duckdb.Error as problem:
            raise UnreadableTable(f"{file} cannot be read as Parquet: {problem}") from problem
    if (size := _unpacked(file)) > LARGEST:
        raise UnreadableTable(
            f"{file} has {size / 1e6:,.0f} MB as text; a frame of over {LARGEST / 1e6:,.0f} MB would not fit in"
            " memory. Turn it into Parquet once, in bounded memory, and ask that:"
            f' analytics.load.to_parquet("{file}", "kept", "incidents") and analytics.scale.on_parquet(…)'
        )
    import duckdb

    with duckdb.connect() as connection:
        try:
            words: pd.DataFrame = delimited.rows_of(connection, file).df()
            return words
        except duckdb.Error as problem:
            raise UnreadableTable(f"{file} cannot be read as CSV: {delimited.said(problem)}") from problem


def _unpacked(file: Path) -> int:
    """Bytes of text in a file; of a .gz as its last four bytes say, which is modulo 4 GB. One that says more
    than it can hold was cut short: what reads it will say so.
    """
    size = file.stat().st_size
    if file.suffix != ".gz" or size < GZIP_TAIL:
        return size
    with file.open("rb") as packed:
        packed.seek(-GZIP_TAIL, SEEK_END)
        told = int.from_bytes(packed.read(), "little")
    return max(size, told) if told <= GZIP_AT_MOST * size else size


def to_parquet(path: str | Path, folder: str | Path, table: str) -> Path:
    """A CSV of any size as Parquet under `folder`, where `scale.on_parquet` finds it, in under a gigabyte of
    memory. `table` is incidents, events or alerts. Raises UnreadableTable for a file that is none, or whose
    cells are not what the columns promise; what a frame is refused for, this is.
    """
    import duckdb

    promised = {"incidents": columns.INCIDENTS, "events": columns.EVENTS, "alerts": columns.ALERTS}[table]
    kinds = {"text": "VARCHAR", "moment": "TIMESTAMPTZ", "count": "BIGINT", "share": "DOUBLE"}
    target = Path(folder) / table / "all.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET memory_limit = ?", [BOUND])
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET temp_directory = ?", [str(target.parent / ".spilled")])
        try:
            given = delimited.rows_of(connection, path)
            names = given.columns
            _refuse_names(names, table, promised, path)
            given.create_view("given")
            _refuse_rows(connection, names, table, promised, path)
            cells = ", ".join(
                f'CAST("{name}" AS {kinds[kind]}) AS "{name}"' if name in names
                else f'CAST(NULL AS {kinds[kind]}) AS "{name}"'
                for name, kind in promised.items()
            )  # fmt: skip
            given.project(cells).write_parquet(str(target))
        except duckdb.Error as problem:
            raise UnreadableTable(f"{path} cannot be read as CSV: {delimited.said(problem)}") from problem
    return target


def _refuse_rows(
    connection: "duckdb.DuckDBPyConnection",
    names: list[str],
    table: str,
    promised: Mapping[str, columns.Kind],
    path: str | Path,
) -> None:
    """What `_load` refuses in a frame, asked of the view `given`."""
    rows = connection.view("given")
    moments = [name for name in names if promised.get(name) == "moment"]
    tests = [
        (name, wrong.format(f"coalesce(TRY_CAST(\"{name}\" AS DOUBLE), 'nan')"), promise)
        for name in names
        for wrong, promise in NUMBERS.get(promised.get(name, "text"), ())
    ] + [(name, f'lower(trim("{name}")) IN {NO_WORDS}', A_TIME) for name in moments]
    asked = [
        f'count(*) FILTER (regexp_matches("{name}", \'{ZONED}\')), count("{name}")' for name in moments
    ] + [f'count("{name}") FILTER ({wrong})' for name, wrong, _ in tests]
    found = iter(rows.aggregate(", ".join(asked)).fetchall()[0])
    zones = {name: (next(found), next(found)) for name in moments}
    for name, wrong, promise in tests:
        if next(found):
            first = rows.filter(f'"{name}" IS NOT NULL AND {wrong}').limit(1).project(f'"{name}"').fetchall()
            raise UnreadableTable(f"{path}: column {name}: {first[0][0]} is not {promise}")
    refuse_two_kinds_of_time(zones, path)
    key = columns.REQUIRED[table][0]
    if key.endswith("_id"):
        again_and_again = "id IS NOT NULL AND n > 1"
        ids_of = rows.aggregate(f'"{key}" AS id, count(*) AS n', f'"{key}"')
        n, empty, again = ids_of.aggregate(
            f"sum(n), coalesce(sum(n) FILTER (id IS NULL), 0), count(*) FILTER ({again_and_again})"
        ).fetchall()[0]
        twice = ids_of.filter(again_and_again).order("id").limit(5).project("id").fetchall() if again else []
        _say_unclear(key, int(n or 0), int(empty), int(again), [id_ for (id_,) in twice], path)
