"""What the sample knows of people: their shifts and clocks, who joined which incident, and what users felt of
it.

Drawn from dice of its own, so that the rest of the year stays the same to the microsecond.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

WEEK, HOUR, STEP = pd.Timedelta(days=7), pd.Timedelta(hours=1), pd.Timedelta(minutes=5)
ELSEWHERE = {"Priya": "Asia/Kolkata", "Wanjiru": "Africa/Nairobi", "Yuki": "Asia/Tokyo"}
OWN_SLEEP = {"Ada": ("23:00", "07:00"), "Yuki": ("23:30", "07:30")}


def shifts(teams: Mapping[str, tuple[str, ...]], start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """One week after the other in each team, from Monday to Monday in Riga, the first person of the list
    first.
    """
    turns = range((end - start).days // 7)
    rows = [
        {"user": people[turn % len(people)], "schedule": f"{team} primary", "start": start + turn * WEEK,
         "end": start + (turn + 1) * WEEK, "role": "primary"}
        for team, people in teams.items() for turn in turns
    ]  # fmt: skip
    return pd.DataFrame(rows)


def people(teams: Mapping[str, tuple[str, ...]], zone: str) -> pd.DataFrame:
    """Everybody's zone, and their own hours of sleep where they set some."""
    rows = [
        {
            "user": name,
            "time_zone": ELSEWHERE.get(name, zone),
            "sleep_start": OWN_SLEEP.get(name, (None, None))[0],
            "sleep_end": OWN_SLEEP.get(name, (None, None))[1],
        }
        for names in teams.values()
        for name in names
    ]
    return pd.DataFrame(rows)


def impact(dice: np.random.Generator, incidents: pd.DataFrame) -> pd.DataFrame:
    """The same incidents with the end of the impact and the share of users it hurt, where a reviewer wrote
    them down.
    """
    known = incidents["impact_started_at"].notna() & incidents["mitigated_at"].notna()
    late = pd.to_timedelta(dice.exponential(3.0, len(incidents)) * 60, unit="s").round("us")
    worst: Any = incidents["severity"].map(
        {"SEV1": 0.08, "SEV2": 0.02, "SEV3": 0.004, "SEV4": 0.001, "SEV5": 0.0002}
    )
    share: Any = (worst * np.exp(dice.normal(0, 0.8, len(incidents)))).clip(upper=1.0).round(4)
    ended = (incidents["mitigated_at"] + late).astype("datetime64[us, UTC]")
    return incidents.assign(impact_ended_at=ended.where(known), impact_fraction=share)


def responders(
    dice: np.random.Generator, incidents: pd.DataFrame, teams: Mapping[str, tuple[str, ...]]
) -> pd.DataFrame:
    """The events of joining and leaving: the commander at the acknowledgement, up to three more after it."""
    rows = []
    row: Any
    for row in incidents[incidents["acknowledged_at"].notna()].itertuples():
        others = [name for name in teams[str(row.team)] if name != row.commander]
        more = int(dice.integers(0, 4)) if row.severity in ("SEV1", "SEV2") else int(dice.random() < 0.2)
        for place, name in enumerate([row.commander, *others][: more + 1]):
            joined = row.acknowledged_at + pd.Timedelta(minutes=round(float(dice.exponential(9.0)) * place, 3))
            rows.append(_event(row, name, "joined", joined))
            if place and dice.random() < 0.4:
                stay = pd.Timedelta(minutes=round(10 + float(dice.exponential(30.0)), 3))
                rows.append(_event(row, name, "left", joined + stay))
    return pd.DataFrame(rows)


def escalations(alerts: pd.DataFrame) -> pd.DataFrame:
    """The events of going on to the next person: five minutes without an acknowledgement, and by hand where a
    critical one that became an incident went on for an hour.
    """
    fired, acknowledged, resolved = (alerts[name] for name in ("fired_at", "acknowledged_at", "resolved_at"))
    urgent = alerts["severity"].isin(["critical", "error"])
    next_one = fired + STEP
    late = urgent & ~(acknowledged <= next_one) & ~(resolved <= next_one)
    long = (alerts["severity"] == "critical") & alerts["incident_id"].notna() & (resolved > fired + HOUR)
    asked = acknowledged + STEP
    parts = [
        pd.DataFrame({"alert_id": alerts["alert_id"], "team": alerts["team"], "at": at, "actor": who})[which]
        for at, who, which in ((next_one, None, late), (asked, "human", long & acknowledged.notna()))
    ]
    return pd.concat(parts, ignore_index=True).assign(kind="escalated")


def _event(row: Any, actor: str, kind: str, at: pd.Timestamp) -> dict[str, object]:
    incident, team = row.incident_id, row.team
    return {
        "incident_id": incident,
        "at": at,
        "actor": actor,
        "team": team,
        "kind": kind,
        "from": None,
        "to": None,
    }
