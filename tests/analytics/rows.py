"""Tables written by hand, a few rows each."""

from typing import Any

import pandas as pd

from analytics import columns

DAY = "2026-03-02"  # a Monday
AS_OF = pd.Timestamp(f"{DAY}T12:00Z")


def at(clock: str | None) -> str | None:
    """ "09:30" -> that moment of the day, UTC; "+1 09:30" one day later."""
    if clock is None:
        return None
    days, _, time = clock.rpartition(" ")
    return (pd.Timestamp(f"{DAY}T{time}Z") + pd.Timedelta(days=int(days or 0))).isoformat()


def incidents(*rows: dict[str, Any]) -> pd.DataFrame:
    """Incidents with a number and SEV1 unless said otherwise; ``*_at`` are clock times of the day."""
    return _table("incident_id", "INC", columns.INCIDENTS, {"severity": "SEV1", "kind": "incident"}, rows)


def alerts(*rows: dict[str, Any]) -> pd.DataFrame:
    return _table("alert_id", "A", columns.ALERTS, {"severity": "critical"}, rows)


def events(*rows: dict[str, Any]) -> pd.DataFrame:
    return _table("event_id", "E", columns.EVENTS, {}, rows)


def _table(
    name: str,
    letter: str,
    promised: dict[str, columns.Kind],
    usual: dict[str, Any],
    rows: tuple[dict[str, Any], ...],
) -> pd.DataFrame:
    made = []
    for number, row in enumerate(rows, start=1):
        moments = {key: at(value) if key.endswith("at") else value for key, value in row.items()}
        made.append({name: f"{letter}{number}", **usual, **moments})
    return columns.tidy(pd.DataFrame(made), promised)
