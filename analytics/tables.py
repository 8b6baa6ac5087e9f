"""The tables a report reads, and the moment they speak of."""

from collections.abc import Collection
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
    shifts: pd.DataFrame
    people: pd.DataFrame
    as_of: pd.Timestamp

    def of_team(self, team: str | None) -> "Tables":
        """The same tables with one team's incidents and alerts, and the pages and shifts of those; all for
        None.
        """
        return self if team is None else self._only("team", team)

    def of_teams(self, teams: Collection[str]) -> "Tables":
        """The same with what belongs to any of `teams`."""
        return self._only("team", *teams)

    def of_service(self, service: str | None) -> "Tables":
        """The same with the incidents, alerts and pages of one service; all of them for None."""
        return self if service is None else self._only("service", service)

    def of_severity(self, severity: str | None) -> "Tables":
        """The same with one severity of incidents and of alerts, taken as the two scales name it; all for
        None.
        """
        return self if severity is None else self._only("severity", severity)

    def of_urgency(self, urgency: str | None) -> "Tables":
        """The same with the alerts of one urgency and the pages about them; all for None. An incident has none:
        incidents stay as they are. Of a source that does not tell, no alert is of either.
        """
        if urgency is None:
            return self
        told = self.alerts.get("urgency", pd.Series(index=self.alerts.index, dtype="str"))
        alerts = self.alerts[told == urgency]
        return replace(self, alerts=alerts, pages=self.pages[self.pages["alert_id"].isin(alerts["alert_id"])])

    def _only(self, name: str, *values: str) -> "Tables":
        incidents = self.incidents[self.incidents[name].isin(values)]
        alerts = self.alerts[self.alerts[name].isin(values)]
        about = self.pages["alert_id"].isin(alerts["alert_id"]) | self.pages["incident_id"].isin(
            incidents["incident_id"]
        )
        pages = self.pages[about]
        shifts = self.shifts
        if name == "team":
            shifts = shifts[shifts["user"].isin(pages["user"]) | shifts["schedule"].str.startswith(values)]
        return replace(self, incidents=incidents, alerts=alerts, pages=pages, shifts=shifts)


def nothing(as_of: pd.Timestamp) -> Tables:
    """Tables without rows."""
    return Tables(
        incidents=columns.empty(columns.INCIDENTS),
        events=columns.empty(columns.EVENTS),
        alerts=columns.empty(columns.ALERTS),
        pages=columns.empty(columns.PAGES),
        shifts=columns.empty(columns.SHIFTS),
        people=columns.empty(columns.PEOPLE),
        as_of=as_of,
    )
