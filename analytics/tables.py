"""The four tables a report reads, and the moment they speak of."""

from dataclasses import dataclass, replace

import pandas as pd

from analytics import columns


@dataclass(frozen=True)
class Tables:
    """Tidy tables with the columns of `analytics.columns`; `as_of` is the last moment the source tells of."""

    incidents: pd.DataFrame
    events: pd.DataFrame
    alerts: pd.DataFrame
    pages: pd.DataFrame
    as_of: pd.Timestamp

    def of_team(self, team: str | None) -> "Tables":
        """The same tables with one team's incidents and alerts; all of them for None."""
        if team is None:
            return self
        incidents = self.incidents[self.incidents["team"] == team]
        return replace(self, incidents=incidents, alerts=self.alerts[self.alerts["team"] == team])


def nothing(as_of: pd.Timestamp) -> Tables:
    """Tables without rows."""
    return Tables(
        incidents=columns.empty(columns.INCIDENTS),
        events=columns.empty(columns.EVENTS),
        alerts=columns.empty(columns.ALERTS),
        pages=columns.empty(columns.PAGES),
        as_of=as_of,
    )
