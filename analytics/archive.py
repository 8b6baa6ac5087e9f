"""Tables kept as Parquet: a file a month and table, with checksums, that notebooks and DuckDB read.

folder/ manifest.json as_of, the files with their rows and SHA-256, and the hash of all that: the snapshot's
name incidents/2026-03.parquet

Written and read by DuckDB, which needs no memory for what it does not look at.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from analytics import columns
from analytics.tables import Tables

MANIFEST = "manifest.json"
#: table: (its columns, the column whose month its rows are filed under)
TABLES: dict[str, tuple[Mapping[str, columns.Kind], str | None]] = {
    "incidents": ({**columns.INCIDENTS}, "detected_at"),
    "events": ({**columns.EVENTS}, "at"),
    "alerts": ({**columns.ALERTS, "reopen_count": "count"}, "fired_at"),
    "pages": ({**columns.PAGES}, "sent_at"),
    "shifts": ({**columns.SHIFTS}, "start"),
    "people": ({**columns.PEOPLE}, None),
}
SQL_TYPES = {"text": "VARCHAR", "moment": "TIMESTAMPTZ", "count": "BIGINT", "share": "DOUBLE"}


RECORD = "the record"  # what an archive is about, unless it is one incident or another product's history


class Occupied(ValueError):
    """A folder that holds something else, which would be lost; the message says what."""


class Damaged(ValueError):
    """A folder that is no archive, or not the one it says it is; the message names the file."""


@dataclass(frozen=True)
class Manifest:
    """What an archive holds. `hash` is the same for the same rows as known at the same moment."""

    as_of: str
    files: dict[str, dict[str, Any]]
    hash: str

    @property
    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        found = dict.fromkeys(TABLES, 0)
        for name, facts in self.files.items():
            found[name.partition("/")[0]] += int(facts["rows"])
        return found


def write(tables: Tables, folder: Path, about: str = RECORD) -> Manifest:
    """Keep `tables` in `folder`, which may hold an older archive about the same: its files are replaced, and
    those no longer needed go. Raises `Occupied` where it holds another's.
    """
    return write_parts(folder, tables.as_of, _months_of(tables), about)


def write_parts(
    folder: Path, as_of: pd.Timestamp, parts: Iterable[tuple[str, str, pd.DataFrame]], about: str = RECORD
) -> Manifest:
    """Keep parts, each (table, month as 2026-03 or "all", rows), one in memory at a time."""
    refuse_other(folder, about)
    files: dict[str, dict[str, Any]] = {}
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'")
        connection.execute("SET threads=1")  # the same rows make the same bytes
        for table, month, rows in parts:
            name = f"{table}/{month}.parquet"
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _copy(connection, rows, TABLES[table][0], path)
            files[name] = {"rows": len(rows), "sha256": sha256(path.read_bytes()).hexdigest()}
    for old in folder.glob("*/*.parquet"):
        if old.relative_to(folder).as_posix() not in files and old.parent.name in TABLES:
            old.unlink()
    manifest = _manifest(as_of.isoformat(), files)
    said = {"about": about, "as_of": manifest.as_of, "hash": manifest.hash, "files": manifest.files}
    (folder / MANIFEST).write_text(json.dumps(said, indent=1), encoding="utf-8")
    return manifest


def refuse_other(folder: Path, about: str) -> None:
    """Raise `Occupied` for a folder whose tables are about something else, or are nobody's archive."""
    path = folder / MANIFEST
    if path.is_file():
        there = json.loads(path.read_text(encoding="utf-8")).get("about", RECORD)
    elif any(file.parent.name in TABLES for file in folder.glob("*/*.parquet")):
        there = "tables that are no export"
    else:
        return
    if there != about:
        raise Occupied(f"{folder} holds {there}, which {about} would replace: name a folder of its own")


def manifest(folder: Path) -> Manifest:
    """What the folder says it holds, checked file by file. Raises `Damaged` for a file that is missing or
    altered.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise Damaged(f"{folder} is no export: it has no {MANIFEST}")
    said = json.loads(path.read_text(encoding="utf-8"))
    for name, facts in said["files"].items():
        file = folder / name
        if not file.is_file() or sha256(file.read_bytes()).hexdigest() != facts["sha256"]:
            raise Damaged(f"{file} is missing or not what was exported")
    found = _manifest(said["as_of"], said["files"])
    if found.hash != said["hash"]:
        raise Damaged(f"{path} was changed after the export")
    return found


def read(folder: Path) -> Tables:
    """The tables of an archive. Raises `Damaged` when a checksum does not hold."""
    found = manifest(folder)
    made = {}
    for table, (promised, start) in TABLES.items():
        files = sorted(str(folder / name) for name in found.files if name.startswith(f"{table}/"))
        rows = read_parquet(files) if files else pd.DataFrame()
        tidy = columns.tidy(rows, promised)
        made[table] = tidy if start is None else tidy.sort_values(start, kind="stable", ignore_index=True)
    return Tables(**made, as_of=pd.Timestamp(found.as_of))


def read_parquet(files: list[str]) -> pd.DataFrame:
    """The rows of Parquet files as a frame; moments in UTC with microseconds."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'")
        return connection.execute("SELECT * FROM read_parquet(?, union_by_name => true)", [files]).df()


def rows_in(file: Path) -> int:
    """How many rows a Parquet file says it has, without reading them."""
    with duckdb.connect() as connection:
        asked = "SELECT coalesce(sum(num_rows), 0) FROM parquet_file_metadata(?)"
        return int(connection.execute(asked, [str(file)]).fetchall()[0][0])


def _months_of(tables: Tables) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for table, (_, start) in TABLES.items():
        rows = getattr(tables, table)
        if start is None:
            yield table, "all", rows
            continue
        month = rows[start].dt.strftime("%Y-%m").fillna("unknown")
        for name, part in rows.groupby(month, sort=True):
            yield table, str(name), part


def _copy(
    connection: duckdb.DuckDBPyConnection, rows: pd.DataFrame, promised: Mapping[str, columns.Kind], path: Path
) -> None:
    chosen = [f'CAST("{name}" AS {SQL_TYPES[kind]}) AS "{name}"' for name, kind in promised.items()]
    shaped = columns.tidy(rows, promised)
    # words as plain objects: DuckDB looks at those, whatever pandas keeps its own in
    words = {name: shaped[name].astype(object) for name, kind in promised.items() if kind == "text"}
    words = {name: series.where(series.notna(), None) for name, series in words.items()}
    partial = path.with_suffix(".partial")
    part = connection.from_df(shaped.assign(**words)).project(", ".join(chosen))
    part.write_parquet(str(partial), compression="zstd")
    os.replace(partial, path)


def _manifest(as_of: str, files: dict[str, dict[str, Any]]) -> Manifest:
    said = json.dumps([as_of, sorted((name, facts["sha256"]) for name, facts in files.items())])
    return Manifest(as_of, dict(sorted(files.items())), sha256(said.encode()).hexdigest())
