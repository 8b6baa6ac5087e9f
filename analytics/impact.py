"""What it cost users: degraded minutes as a union of impacts, the budget they spend, and how much was open at
once.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.response import Moment, known_rows
from analytics.volume import countable

MINUTE = 60_000_000  # µs
SLO = 0.999


def impacts(
    incidents: pd.DataFrame,
    *,
    since: pd.Timestamp,
    until: pd.Timestamp,
    as_of: Moment,
    events: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The impact of each incident that counts, clipped to the window and to `as_of`: ``start``, ``end``,
    ``fraction``, ``measured``.

    From the start of the impact to its end. Where nobody wrote those down (``measured`` false) the detection
    stands for the start, and mitigation, else the resolve, for the end; without any it lasts.
    """
    known = known_rows(countable(incidents, as_of=as_of, events=events), as_of, events)
    begun, ended = known.moment("impact_started_at"), known.moment("impact_ended_at")
    over = ended.fillna(known.moment("mitigated_at")).fillna(known.moment("resolved_at"))
    over = over.fillna(known.moment("closed_at"))
    bound = min(until, known.as_of)
    start = begun.fillna(known.rows["detected_at"])
    start = start.where(start > since, since)
    end = over.fillna(known.as_of)
    end = end.where(end < bound, bound)
    fraction = (
        known.rows["impact_fraction"] if "impact_fraction" in known.rows else pd.Series(1.0, known.rows.index)
    )
    table = known.rows[["incident_id", "title", "service", "severity"]].assign(
        start=start, end=end, fraction=fraction.astype("float64").fillna(1.0).clip(0, 1),
        measured=begun.notna() & (ended.notna() | over.isna()),
    )  # fmt: skip
    return table[table["end"] > table["start"]].reset_index(drop=True)


def degraded_minutes(table: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Minutes in which something was degraded: overlapping impacts count once, at the larger fraction.

    `table` as from `impacts`. One row per group: ``minutes``, ``incidents``, ``measured``.
    """
    groups = {"all": table} if by is None else {str(k): g for k, g in table.groupby(by, sort=True)}
    lines = {
        name: {"minutes": _union(group), "incidents": len(group), "measured": int(group["measured"].sum())}
        for name, group in groups.items()
    }
    columns = ["minutes", "incidents", "measured"]
    return pd.DataFrame.from_dict(lines, orient="index", columns=columns).rename_axis(by or "group")


def _union(group: pd.DataFrame) -> float:
    """Σ over moments of the largest fraction degraded then, in minutes."""
    if group.empty:
        return 0.0
    if group["fraction"].nunique() == 1:
        return float(_covered(group) * group["fraction"].iloc[0] / MINUTE)
    edges, height = _profile(group)
    return float((np.diff(edges) * height).sum() / MINUTE)


def _covered(group: pd.DataFrame) -> int:
    """Microseconds in which any of them lasted."""
    start, end = _bounds(group.sort_values("start"))
    reached = np.maximum.accumulate(end)
    since = np.maximum(start, np.concatenate([start[:1], reached[:-1]]))
    return int((reached - since).clip(min=0).sum())


def _bounds(group: pd.DataFrame) -> tuple[Any, Any]:
    start, end = (
        group[name].astype("datetime64[us, UTC]").astype("int64").to_numpy() for name in ("start", "end")
    )
    return start, end


def _profile(group: pd.DataFrame) -> tuple[Any, Any]:
    start, end = _bounds(group)
    edges = np.unique(np.concatenate([start, end]))
    height = np.zeros(len(edges) - 1)
    # the mildest first, so that the worse ones overwrite them
    for row in np.argsort(group["fraction"].to_numpy(), kind="stable"):
        low, high = np.searchsorted(edges, [start[row], end[row]])
        height[low:high] = group["fraction"].to_numpy()[row]
    return edges, height


def budget_spent(
    incidents: pd.DataFrame,
    *,
    since: pd.Timestamp,
    until: pd.Timestamp,
    as_of: Moment,
    events: pd.DataFrame | None = None,
    slo: Mapping[str, float] | float = SLO,
) -> pd.DataFrame:
    """Per service: ``slo``, ``budget`` minutes of the period, ``minutes`` degraded, ``spent`` (1: all of it),
    ``incidents`` by id.

    The period is [since, until) even where `as_of` comes earlier: a budget is for the whole of it.
    """
    table = impacts(incidents, since=since, until=until, as_of=as_of, events=events)
    period = (until - since) / pd.Timedelta(minutes=1)
    lines = {}
    for service, group in table.groupby("service", sort=True):
        target = slo.get(str(service), SLO) if isinstance(slo, Mapping) else slo
        budget = (1 - target) * period
        minutes = _union(group)
        lines[str(service)] = {
            "slo": target, "budget": budget, "minutes": minutes,
            "spent": minutes / budget if budget > 0 else float("nan"),
            "incidents": ", ".join(group.sort_values(["start", "incident_id"])["incident_id"].astype("str")),
            "n": len(group), "measured": int(group["measured"].sum()),
            "why": "" if budget > 0 else "an objective of 100 % leaves no budget",
        }  # fmt: skip
    columns = ["slo", "budget", "minutes", "spent", "incidents", "n", "measured", "why"]
    found = pd.DataFrame.from_dict(lines, orient="index", columns=columns).rename_axis("service")
    return found.sort_values("spent", ascending=False)


def burn_down(table: pd.DataFrame, *, budget: float, since: pd.Timestamp) -> pd.DataFrame:
    """What is left of one service's `budget` after each edge of its impacts: ``at``, ``left`` (1 is all),
    ``incident_id``.
    """
    start = pd.DataFrame({"at": [since], "left": [1.0], "incident_id": [""]})
    if table.empty or budget <= 0:
        return start
    edges, height = _profile(table)
    spent = np.concatenate([[0.0], np.cumsum(np.diff(edges) * height / MINUTE)])
    at = pd.to_datetime(edges, unit="us", utc=True).astype("datetime64[us, UTC]")
    began = table.groupby("start")["incident_id"].first()
    names = [str(began.get(moment, "")) for moment in at]
    steps = pd.DataFrame({"at": at, "left": 1 - spent / budget, "incident_id": names})
    return pd.concat([start, steps], ignore_index=True)


def open_at_once(incidents: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """How many incidents were open after each start and end by `as_of`: ``at``, ``n``; at ties an end comes
    before a start. Without those of `impossible_spells`.
    """
    spells = _open_spells(incidents, as_of, events)
    spells = spells[~(spells["end"] < spells["start"])]
    starts = pd.DataFrame({"at": spells["start"], "by": 1})
    moves = pd.concat([starts, pd.DataFrame({"at": spells["end"].dropna(), "by": -1})])
    moves = moves.sort_values(["at", "by"], kind="stable", ignore_index=True)
    return pd.DataFrame({"at": moves["at"], "n": moves["by"].cumsum()})


def impossible_spells(
    incidents: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None
) -> list[str]:
    """The incidents that ended before they began: nobody knows when they were open."""
    spells = _open_spells(incidents, as_of, events)
    return [str(name) for name in spells.loc[spells["end"] < spells["start"], "incident_id"]]


def _open_spells(incidents: pd.DataFrame, as_of: Moment, events: pd.DataFrame | None) -> pd.DataFrame:
    known = known_rows(countable(incidents, as_of=as_of, events=events), as_of, events)
    end = known.moment("resolved_at").fillna(known.moment("closed_at"))
    return known.rows[["incident_id"]].assign(start=known.rows["detected_at"], end=end)


def peak_concurrency(
    incidents: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None
) -> tuple[int, pd.Timestamp | None]:
    """The most incidents open at once by `as_of`, and since when; `open_at_once` has all of it."""
    table = open_at_once(incidents, as_of=as_of, events=events)
    if table.empty:
        return 0, None
    best = int(table["n"].to_numpy().argmax())
    return int(table["n"].iloc[best]), table["at"].iloc[best]
