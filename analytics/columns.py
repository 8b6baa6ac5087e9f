"""The columns each table promises, wherever its rows come from.

Times are UTC with microseconds, intervals half-open. Empty means: has not happened, or nobody
knows. A source that lacks a column gets it, empty.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.schema import (
    ALERTS as ALERTS,
)
from analytics.schema import (
    EVENTS as EVENTS,
)
from analytics.schema import (
    INCIDENTS as INCIDENTS,
)
from analytics.schema import (
    PAGES as PAGES,
)
from analytics.schema import (
    PEOPLE as PEOPLE,
)
from analytics.schema import (
    REQUIRED as REQUIRED,
)
from analytics.schema import (
    SHIFTS as SHIFTS,
)
from analytics.schema import (
    Kind as Kind,
)

#: How bad, from 0: the five levels of incidents and the four words of alerts share shapes and colours.
LEVELS = {
    "sev1": 0, "sev2": 1, "sev3": 2, "sev4": 3, "sev5": 4,
    "critical": 0, "error": 1, "warning": 2, "info": 4,
}  # fmt: skip


def level(severity: str) -> int:
    """0 (worst) to 4; a word we do not know is drawn as the mildest."""
    return LEVELS.get(severity.lower(), 4)


class Unclear(ValueError):
    """A cell that is not what its column promises; the message names the column and the first such cell."""


def tidy(rows: pd.DataFrame, columns: Mapping[str, Kind]) -> pd.DataFrame:
    """The same rows with the promised columns first, each of its promised type.

    Further columns are kept behind them. A time without a zone is read as UTC; a time or a number that cannot
    be read, a count that is no whole one and a share outside 0 to 1 raise `Unclear` naming the column.
    """
    shaped: dict[str, Any] = {name: _column(rows, name, kind) for name, kind in columns.items()}
    more = {name: rows[name] for name in rows.columns if name not in columns}
    table = pd.DataFrame({**shaped, **more}, index=rows.index)
    return table.reset_index(drop=True)


def moments(promised: Mapping[str, Kind]) -> list[str]:
    """The columns of a table that hold times. What else a source brings may be called ``…_at`` and be text."""
    return [name for name, kind in promised.items() if kind == "moment"]


def last_moment(rows: pd.DataFrame, promised: Mapping[str, Kind]) -> pd.Timestamp | None:
    """The latest time in any of the promised columns; None where there is none."""
    known = [at for at in (rows[name].max() for name in moments(promised)) if not pd.isna(at)]
    return max(known) if known else None


def empty(columns: Mapping[str, Kind]) -> pd.DataFrame:
    """A table with the promised columns and no rows."""
    return tidy(pd.DataFrame(), columns)


def _column(rows: pd.DataFrame, name: str, kind: Kind) -> "pd.Series[Any]":
    values = rows[name] if name in rows.columns else pd.Series([None] * len(rows), index=rows.index)
    if kind == "moment":
        return _moments(values, name)
    if kind == "count":
        counts = _counts(values, name)
        # a column that nobody kept is not known; in one that somebody did, an empty cell is none
        return counts if len(counts) and counts.isna().all() else counts.fillna(0).astype("int64")
    if kind == "share":
        numbers = _numbers(values, name)
        _refuse(numbers.notna() & ~numbers.between(0, 1), values, name, "a share of 0 to 1")
        return numbers
    return values.map(_words).astype("str")


def _moments(values: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    try:
        return pd.to_datetime(values, utc=True, format="ISO8601").astype("datetime64[us, UTC]")
    except (ValueError, TypeError) as problem:
        raise Unclear(f"column {name}: not a time: {str(problem).partition('. ')[0]}") from problem


def _counts(values: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    numbers = _numbers(values, name)
    _refuse((numbers < 0) | (numbers.fillna(0) % 1 != 0), values, name, "a count")
    return numbers


def _numbers(values: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    _refuse(numbers.isna() & values.notna(), values, name, "a number")
    return numbers


def _refuse(wrong: "pd.Series[Any]", values: "pd.Series[Any]", name: str, promised: str) -> None:
    if wrong.any():
        raise Unclear(f"column {name}: {values[wrong].iloc[0]} is not {promised}")


def _words(value: Any) -> Any:
    """Ids may come as whole numbers; in the tables they are words."""
    return value if isinstance(value, str) or pd.isna(value) else str(value)
