"""The last figures as a page of docs: each measure keeps its table until it is taken again."""

import re
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from bench.peer_table import Row

PROGRAMS = ("flask", "sqlalchemy", "psycopg", "granian", "pywebpush", "pandas", "duckdb")


def without_place(path: Path, names: Sequence[str]) -> list[str]:
    """The measures that the page has no place for; a place is `<!-- name -->` to `<!-- /name -->`."""
    text = path.read_text()
    return [name for name in names if not _place(name).search(text)]


def keep(path: Path, tables: Mapping[str, Sequence[Row]], *, machine: str, at: datetime) -> None:
    """Put the rows of each measure of `tables` in its place on the page, taken `at` (UTC) on that `machine`."""
    text = path.read_text()
    for name, rows in tables.items():
        written = f"<!-- {name} -->\n{_table(rows, machine, at)}<!-- /{name} -->"
        text = _place(name).sub(lambda _, written=written: written, text)
    path.write_text(text)


def _place(name: str) -> re.Pattern[str]:
    return re.compile(rf"<!-- {name} -->\n.*?<!-- /{name} -->", re.DOTALL)


def _table(rows: Sequence[Row], machine: str, at: datetime) -> str:
    lines = ["| what | found | promised | held |", "|---|---|---|---|"]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join([*lines, "", f"Taken {at:%Y-%m-%d %H:%M} UTC on {machine}; {_versions()}.", ""])


def _cell(words: str) -> str:
    words = words.replace("|", "\\|")
    return f"– {words.strip()}" if words.startswith("  ") else words  # said of the row above


def _versions() -> str:
    return ", ".join([*(f"{name} {version(name)}" for name in PROGRAMS), f"SQLite {sqlite3.sqlite_version}"])
