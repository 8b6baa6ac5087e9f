"""The columns each table promises, wherever its rows come from.

Times are UTC with microseconds, intervals half-open. Empty means: has not happened, or nobody
knows. A source that lacks a column gets it, empty.
"""

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

Kind = Literal["text", "moment", "count", "share"]

INCIDENTS: dict[str, Kind] = {
    "incident_id": "text",
    "title": "text",
    "service": "text",
    "team": "text",
    "severity": "text",  # SEV1 is the highest
    "kind": "text",  # incident, maintenance, announcement, request, drill
    "impact_started_at": "moment",
    "detected_at": "moment",
    "declared_at": "moment",
    "acknowledged_at": "moment",  # the first acknowledgement by a human
    "mitigated_at": "moment",
    "resolved_at": "moment",  # the last time it was resolved
    "closed_at": "moment",
    "merged_into": "text",
    "reopen_count": "count",
    "reassignment_count": "count",
    "impact_ended_at": "moment",
    "impact_fraction": "share",  # of the users or requests that were hurt; empty: all
}

EVENTS: dict[str, Kind] = {
    "incident_id": "text",
    "alert_id": "text",  # an event is about one of the two
    "at": "moment",
    "kind": "text",
    "actor": "text",
    "team": "text",
    "from": "text",
    "to": "text",
}

ALERTS: dict[str, Kind] = {
    "alert_id": "text",
    "rule": "text",
    "service": "text",
    "team": "text",
    "target": "text",
    "severity": "text",  # critical, error, warning, info
    "fired_at": "moment",
    "acknowledged_at": "moment",
    "acknowledged_by": "text",  # human, or what else did it; empty reads as human
    "resolved_at": "moment",
    "resolved_by": "text",  # source, human, timeout
    "incident_id": "text",
    "usefulness": "text",  # actionable, false positive, flapping, duplicate, other
}

PAGES: dict[str, Kind] = {
    "page_id": "text",
    "user": "text",
    "alert_id": "text",
    "incident_id": "text",
    "channel": "text",
    "sent_at": "moment",
    "delivered_at": "moment",
    "answered_at": "moment",
}

SHIFTS: dict[str, Kind] = {
    "user": "text",
    "schedule": "text",
    "start": "moment",
    "end": "moment",
    "role": "text",  # primary, backup
}

PEOPLE: dict[str, Kind] = {
    "user": "text",
    "time_zone": "text",
    "sleep_start": "text",  # wall-clock "22:00"; empty: the house's hours
    "sleep_end": "text",
}

REQUIRED = {
    "incidents": ("incident_id", "detected_at"),
    "events": ("at", "kind"),
    "alerts": ("alert_id", "fired_at"),
    "pages": ("page_id", "sent_at"),
    "shifts": ("user", "start", "end"),
    "people": ("user", "time_zone"),
}


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
