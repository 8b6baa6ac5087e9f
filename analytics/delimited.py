"""A CSV as rows of words, read strictly: what stands between its columns is seen in its first line, and a row
that is cut short is an error with its line, not an empty cell.
"""

import csv
import gzip
import zlib
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

SEPARATORS = (",", ";", "\t")
LONGEST = 1_000_000  # characters a first line may have


class UnreadableTable(ValueError):
    """A file that is not the table it was taken for; the message says what is missing."""


@dataclass(frozen=True)
class Head:
    names: tuple[str, ...]
    separator: str


def head(path: str | Path) -> Head:
    """The names in the first line, each once, and what separates them. Raises `UnreadableTable`."""
    try:
        with _plain(Path(path)) as packed, TextIOWrapper(packed, encoding="utf-8-sig", newline="") as text:
            line = text.readline(LONGEST)
        separator = max(SEPARATORS, key=line.count)
        names = next(csv.reader([line], delimiter=separator), [])
    except UnicodeDecodeError as problem:
        raise UnreadableTable(f"{path} is not text in UTF-8: save it as “CSV UTF-8”") from problem
    except (gzip.BadGzipFile, EOFError, zlib.error, csv.Error) as problem:
        raise UnreadableTable(f"{path} cannot be read as CSV: {problem}") from problem
    if not any(name.strip() for name in names):
        raise UnreadableTable(f"{path} has no first line that names its columns")
    twice = dict.fromkeys(name for name in names if names.count(name) > 1)
    if twice:
        raise UnreadableTable(f"{path}: more than one column is called {', '.join(twice)}")
    return Head(tuple(names), separator)


def _plain(path: Path) -> "gzip.GzipFile | BufferedReader":
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def rows_of(connection: "duckdb.DuckDBPyConnection", path: str | Path) -> "duckdb.DuckDBPyRelation":
    """The rows in their order, every cell a word or empty. What cannot be read is a ``duckdb.Error`` once the
    rows are asked for: `said` puts it in words. Raises `UnreadableTable` where the first line is none.
    """
    first = head(path)
    # with parallel=False DuckDB would end without a word at a quote that nothing closes
    given = connection.read_csv(
        str(path), header=True, sep=first.separator, quotechar='"', escapechar='"', auto_detect=False,
        columns=dict.fromkeys(first.names, "VARCHAR"), strict_mode=True,
    )  # fmt: skip
    return given.project(", ".join(f"nullif({quoted(name)}, '') AS {quoted(name)}" for name in first.names))


def quoted(name: str) -> str:
    """A column's name as SQL takes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def said(problem: "duckdb.Error") -> str:
    """What DuckDB found wrong, without the line itself and the list of its settings, such as "line 4; Expected
    Number of Columns: 12 Found: 14".
    """
    told = [line.strip().rstrip(".:") for line in str(problem).splitlines() if line.strip()]
    end = next((at for at, line in enumerate(told) if line.startswith(("Possible", "file ="))), len(told))
    place = told[0].partition("CSV Error on ")[2].replace("Line: ", "line ")
    return f"{place}; {told[end - 1]}" if place else told[0].partition(": ")[2] or told[0]
