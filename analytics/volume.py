"""How much happens: incidents and alerts by week, by hour, and how often work comes back or is handed on."""

from typing import Any

import numpy as np
import pandas as pd

from analytics import words
from analytics.intervals import bootstrap_mean, rate_interval, share_interval
from analytics.labels import labelled
from analytics.response import NONE_COUNTS, Moment, counted, known_rows, time_to_resolve
from analytics.spells import merged_by, reopened_by, reopenings
from analytics.weeks import WEEK, weeks_between

SEED = 20260105
FEWEST = 6  # incidents by which weeks can be told apart
HANDED_ON = ("reassigned", "commander_changed")
HOW_OFTEN = {"0": "Never handed on", "1": "Handed on once", "2_or_more": "Twice or more"}


def weekly_counts(
    rows: pd.DataFrame,
    *,
    since: pd.Timestamp,
    until: pd.Timestamp,
    as_of: Moment,
    zone: str,
    events: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """``week`` (Monday's date in `zone`), ``n`` and ``partial`` for every week that touches the window, zeros
    kept.

    Incidents that do not count by the rules (merged, drills …) are not in it; every alert is.
    """
    known = known_rows(rows, as_of)
    start = countable(known.rows, as_of=as_of, events=events)[known.start_column]
    start = start[(start >= since) & (start < until)]
    mondays, partial = weeks_between(since, min(until, known.as_of), zone)
    # each against the few Mondays, not each turned into local time
    begins = mondays.tz_localize(zone, nonexistent="shift_forward", ambiguous=np.ones(len(mondays), dtype=bool))
    place = np.searchsorted(
        begins.tz_convert("UTC").as_unit("us").asi8, start.dt.as_unit("us").astype("int64"), side="right"
    )
    n = np.bincount(place, minlength=len(mondays) + 1)[1:]
    return pd.DataFrame({"week": mondays, "n": n, "partial": partial})


def incident_rate(
    incidents: pd.DataFrame,
    *,
    since: pd.Timestamp,
    until: pd.Timestamp,
    as_of: Moment,
    by: str | None = None,
    events: pd.DataFrame | None = None,
    deploys: dict[str, int] | int | None = None,
) -> pd.DataFrame:
    """Incidents per week of the window (or per deploy where those are known), with an interval; zero of a group
    that had some at another time and none in it.

    Without a week or a deploy there is no rate, and ``why`` says so. The interval is the exact Poisson one;
    where ``overdispersed`` (of 6 or more in 2 or more weeks, which vary more than chance), the negative
    binomial one, if that is wider. ``weeks_vary`` says how.
    """
    moment = pd.Timestamp(as_of)
    weeks = (min(until, moment) - since) / WEEK
    known = countable(incidents, as_of=as_of, events=events)
    rows = known[(known["detected_at"] >= since) & (known["detected_at"] < until)]
    if by is None:
        groups = {"all": rows}
    else:
        found = {str(name): group for name, group in rows.groupby(by, sort=True)}
        groups = {
            name: found.get(name, rows.head(0)) for name in sorted(known[by].dropna().astype("str").unique())
        }
    lines = {}
    for name, group in groups.items():
        exposure = float(weeks)
        if deploys is not None:
            exposure = float(deploys if isinstance(deploys, int) else deploys.get(name, 0))
        dispersion, alpha = _dispersion(group["detected_at"], since, weeks)
        low, high = rate_interval(len(group), exposure, alpha=alpha if dispersion > 1.5 else 0.0, weeks=weeks)
        rate = len(group) / exposure if exposure > 0 else float("nan")
        lines[name] = {
            "n": len(group), "exposure": exposure, "rate": rate, "low": low, "high": high,
            "overdispersed": dispersion > 1.5, "weeks_vary": _how_they_vary(dispersion),
            "why": words.why_not(rate, "no week has passed" if deploys is None else "no deploy is known"),
        }  # fmt: skip
    columns = ["n", "exposure", "rate", "low", "high", "overdispersed", "weeks_vary", "why"]
    return pd.DataFrame.from_dict(lines, orient="index", columns=columns).rename_axis(by or "group")


def hour_by_weekday(moments: "pd.Series[Any]", *, zone: str, as_of: Moment | None = None) -> pd.DataFrame:
    """A table of 7 rows (Monday first) and 24 columns: how many in each local hour of `zone`."""
    known = moments.dropna() if as_of is None else moments[moments < pd.Timestamp(as_of)].dropna()
    # zones differ by whole quarters of an hour: each of these is turned into local time once
    quarters, n = np.unique(known.dt.as_unit("us").astype("int64").to_numpy() // QUARTER, return_counts=True)
    local = pd.DatetimeIndex((quarters * QUARTER).astype("datetime64[us]"), tz="UTC").tz_convert(zone)
    counts = np.zeros((7, 24), dtype="int64")
    np.add.at(counts, (local.day_of_week.to_numpy(), local.hour.to_numpy()), n)
    return pd.DataFrame(counts, index=pd.Index(WEEKDAYS, name="weekday"), columns=list(range(24)))


def in_hour(moments: "pd.Series[Any]", *, zone: str, day: str, hour: int | None = None) -> "pd.Series[bool]":
    """Which of `moments` a cell of `hour_by_weekday` counts; without an hour, which its row does."""
    local = moments.dt.tz_convert(zone)
    found: pd.Series[bool] = local.dt.day_of_week == WEEKDAYS.index(day)
    return found if hour is None else found & (local.dt.hour == hour)


QUARTER = 15 * 60 * 1_000_000  # microseconds
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def reopen_rate(incidents: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """One row: reopened ``k`` of ``n``, the share with Wilson's interval.

    The row's own count is what is known, less what `events` date after `as_of`, and what they tell of by then.
    """
    known = known_rows(incidents, as_of)
    rows = countable(known.rows, as_of=as_of, events=events)
    again = reopened_by(rows, events, id_column="incident_id", as_of=known.as_of)
    if events is not None:
        told = events.loc[reopenings(events) & (events["at"] <= known.as_of), "incident_id"]
        again = again | rows["incident_id"].isin(told)
    if events is None or events.empty:
        is_known = rows["reopen_count"].notna()
        rows, again = rows[is_known], again[is_known]
    k = int(again.sum())
    low, high = share_interval(k, len(rows))
    share = k / len(rows) if len(rows) else float("nan")
    why = words.why_not(share, NONE_COUNTS)
    return pd.DataFrame([{"k": k, "n": len(rows), "share": share, "low": low, "high": high, "why": why}])


def reassignments(
    incidents: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None, seed: int = SEED
) -> pd.DataFrame:
    """How often an incident changed hands: one row with n, mean, its bootstrap interval and the shares of 0,
    1, 2+.

    With `events` what was handed on after `as_of` does not count; without, the row's own count is what is
    known.
    """
    count = handed_on(incidents, as_of=as_of, events=events)
    low, high = bootstrap_mean(count.to_numpy(), seed=seed)  # as an array: see `response.counted`
    n = len(count)
    line = {"n": n, "mean": float(count.mean()) if n else float("nan"), "low": low, "high": high}
    shares = {f"share_{name}": float(hit.mean()) if n else float("nan") for name, hit in tiers(count).items()}
    return pd.DataFrame([{**line, **shares, "why": words.why_not(line["mean"], NONE_COUNTS)}])


def how_often(times: pd.DataFrame, reopened: pd.DataFrame | None = None) -> pd.DataFrame:
    """The row of `reassignments`, and that of `reopen_rate`, as a list: ``k`` of ``n``, the share with Wilson's
    interval.
    """
    line = times.iloc[0]
    n = int(line["n"])
    counts = {name: (round(line[f"share_{tier}"] * n) if n else 0, n) for tier, name in HOW_OFTEN.items()}
    if reopened is not None:
        counts["Reopened"] = (int(reopened["k"].iloc[0]), int(reopened["n"].iloc[0]))
    lines = {}
    for name, (k, of) in counts.items():
        low, high = share_interval(k, of)
        lines[name] = {"k": k, "n": of, "share": k / of if of else float("nan"), "low": low, "high": high}
    return pd.DataFrame.from_dict(lines, orient="index")


def handed_on(
    incidents: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None
) -> "pd.Series[float]":
    """How often each incident that counts had changed hands by `as_of`, by ``incident_id``; of a source that
    does not tell, none.
    """
    rows = countable(incidents, as_of=as_of, events=events)
    rows = rows[rows["reassignment_count"].notna()]  # before they have their names: see `response.counted`
    count = rows["reassignment_count"].astype("float64").set_axis(pd.Index(rows["incident_id"]))
    if events is not None:
        moment = known_rows(incidents, as_of).as_of
        later = events.loc[events["kind"].isin(HANDED_ON) & (events["at"] > moment), "incident_id"]
        if len(later):  # of none there is nothing to look up, for a million
            undone = later.value_counts().reindex(count.index).astype("float64").fillna(0)
            count = (count - undone).clip(lower=0)
    return count


def escalations(alerts: pd.DataFrame, events: pd.DataFrame, *, as_of: Moment, seed: int = SEED) -> pd.DataFrame:
    """Escalations per alert, those by timeout and those by hand: two rows with n, total, mean and its
    interval; ``k`` alerts escalated at all, their ``share`` with Wilson's interval, the shares of once and 2+.
    """
    known = known_rows(alerts, as_of)
    moved = events[(events["kind"] == "escalated") & (events["at"] <= known.as_of)]
    lines = {}
    for name, part in (
        ("by timeout", moved[moved["actor"].isna()]),
        ("by hand", moved[moved["actor"].notna()]),
    ):
        per_alert = known.rows["alert_id"].map(part["alert_id"].value_counts()).fillna(0).astype("float64")
        low, high = bootstrap_mean(per_alert, seed=seed)
        mean = float(per_alert.mean()) if len(per_alert) else float("nan")
        shares = {
            name: float(hit.mean()) if len(hit) else float("nan") for name, hit in tiers(per_alert).items()
        }
        k = int((per_alert > 0).sum())
        share_low, share_high = share_interval(k, len(per_alert))
        lines[name] = {
            "n": len(per_alert),
            "total": int(per_alert.sum()),
            "mean": mean,
            "low": low,
            "high": high,
            "k": k,
            "share": 1 - shares["0"],
            "share_low": share_low,
            "share_high": share_high,
            "share_1": shares["1"],
            "share_2_or_more": shares["2_or_more"],
            "why": words.why_not(mean, "no alert had fired"),
        }
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis("how")


def tiers(count: "pd.Series[Any]") -> dict[str, "pd.Series[bool]"]:
    """Which of `handed_on` are in each line of `how_often`."""
    return {"0": count == 0, "1": count == 1, "2_or_more": count >= 2}


def countable(rows: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """The rows that existed at `as_of` and count whatever is known of their end: incidents that were no drills
    and not merged, by `events` not merged by then; all alerts.
    """
    known = known_rows(rows, as_of)
    if known.start_column == "fired_at":
        return known.rows
    found = incidents_of(known.rows, as_of=as_of, events=events)
    return found[found["detected_at"].notna()]


def incidents_of(incidents: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """The rows that were, as called at `as_of`, no drills and not merged, also those of which nobody knows a
    start that can be.
    """
    at = pd.Timestamp(as_of)
    rows = incidents
    if events is not None:
        rows = labelled(rows, events, id_column="incident_id", as_of=at)
    merged = merged_by(rows, events, id_column="incident_id", as_of=at)
    if "kind" not in rows:
        return rows[~merged]
    return rows[~merged & (rows["kind"].isna() | (rows["kind"] == "incident"))]


def still_open(rows: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """What was open at `as_of`, the oldest first, with its age in minutes."""
    durations = counted(time_to_resolve(rows, as_of=as_of, events=events))
    waiting = durations.loc[(durations["end"] == "still open").to_numpy()]
    return waiting.sort_values("minutes", ascending=False)


def _dispersion(moments: "pd.Series[Any]", since: pd.Timestamp, weeks: float) -> tuple[float, float]:
    """The variance of the whole weeks over their mean, and by how much they vary beyond chance (``alpha`` of
    the negative binomial, by moments); NaN of too few to tell.
    """
    whole = int(weeks)
    place = ((moments - since) / WEEK).astype("int64")
    counts = np.bincount(place[place < whole], minlength=max(whole, 0)).astype("float64")
    if whole < 2 or counts.sum() < FEWEST:
        return float("nan"), float("nan")
    mean, variance = counts.mean(), counts.var(ddof=1)
    return float(variance / mean), float(max(0.0, variance - mean) / mean**2)


def _how_they_vary(dispersion: float) -> str:
    if np.isnan(dispersion):
        return "too few to tell"
    return "more than chance" if dispersion > 1.5 else "as by chance"
