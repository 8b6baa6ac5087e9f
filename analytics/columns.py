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


def tidy(rows: pd.DataFrame, columns: Mapping[str, Kind]) -> pd.DataFrame:
    """The same rows with the promised columns first, each of its promised type.

    Further columns are kept behind them. A time without a zone is read as UTC; a time that cannot be
    read raises ``ValueError`` naming the column.
    """
    shaped: dict[str, Any] = {name: _column(rows, name, kind) for name, kind in columns.items()}
    more = {name: rows[name] for name in rows.columns if name not in columns}
    table = pd.DataFrame({**shaped, **more}, index=rows.index)
    return table.reset_index(drop=True)


def empty(columns: Mapping[str, Kind]) -> pd.DataFrame:
    """A table with the promised columns and no rows."""
    return tidy(pd.DataFrame(), columns)


def _column(rows: pd.DataFrame, name: str, kind: Kind) -> "pd.Series[Any]":
    values = rows[name] if name in rows.columns else pd.Series([None] * len(rows), index=rows.index)
    if kind == "moment":
        return _moments(values, name)
    if kind == "count":
        return pd.to_numeric(values).fillna(0).astype("int64")
    if kind == "share":
        return pd.to_numeric(values).astype("float64")
    return values.map(_words).astype("str")


def _moments(values: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    try:
        return pd.to_datetime(values, utc=True, format="ISO8601").astype("datetime64[us, UTC]")
    except (ValueError, TypeError) as problem:
        raise ValueError(f"column {name}: not a time: {problem}") from problem


def _words(value: Any) -> Any:
    """Ids may come as whole numbers; in the tables they are words."""
    return value if isinstance(value, str) or pd.isna(value) else str(value)
