"""A metric by week: Mondays in the report's zone, empty weeks kept, the cut ones at either end marked."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.response import counted, spoken, summary

WEEK = pd.Timedelta(days=7)


def by_week(
    durations: pd.DataFrame, *, since: pd.Timestamp, until: pd.Timestamp, as_of: pd.Timestamp, zone: str
) -> pd.DataFrame:
    """One row per week that touches [since, until): `response.summary` by the week of the start.

    ``week`` is the Monday's date in `zone` (no zone on it). Weeks without a row have n = 0. ``partial`` weeks
    are cut by the window or by `as_of`. What the week's n does not allow to be said is NaN; `dots` has those
    rows one by one.
    """
    mondays, partial = weeks_between(since, min(until, as_of), zone)
    rows = counted(durations)
    table = summary(rows.assign(week=week_of(rows["start"], zone)), by="week")
    table.index = pd.DatetimeIndex(pd.to_datetime(table.index), name="week").astype("datetime64[us]")
    table = table.reindex(mondays)
    whole = ["n", "ended", "still_open"]
    table[whole] = table[whole].fillna(0).astype("int64")
    return spoken(table).assign(partial=partial).reset_index()


def dots(durations: pd.DataFrame, weeks: pd.DataFrame, *, zone: str) -> pd.DataFrame:
    """Each row of the weeks that hold too few for a median: ``week``, ``minutes``, ``observed``."""
    rows = counted(durations)
    few = weeks.loc[weeks["n"] < 6, "week"]
    if not weeks.loc[weeks["n"] < 6, "n"].sum():
        rows = rows.iloc[:0]
    rows = rows.assign(week=week_of(rows["start"], zone))
    return rows.loc[rows["week"].isin(few), ["week", "minutes", "observed"]].sort_values("week")


def weeks_between(
    since: pd.Timestamp, until: pd.Timestamp, zone: str
) -> tuple[pd.DatetimeIndex, "NDArray[np.bool_]"]:
    """The Mondays (dates in `zone`) of the weeks that touch [since, until), and which of them are cut by it."""
    mondays = _mondays(since, until, zone)
    first, last = _naive(since, zone), _naive(until, zone)
    return mondays, np.asarray((mondays < first) | (mondays + WEEK > last))


def week_of(moments: "pd.Series[pd.Timestamp]", zone: str) -> "pd.Series[pd.Timestamp]":
    """The Monday of each moment's week by the calendar of `zone`."""
    # on local dates: a week with a clock change in it is an hour longer or shorter, its Monday is not
    local = moments.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    return local - pd.to_timedelta(local.dt.day_of_week, unit="D")


def _mondays(since: pd.Timestamp, until: pd.Timestamp, zone: str) -> pd.DatetimeIndex:
    first = _monday(_naive(since, zone))
    return pd.date_range(
        first, max(first, _naive(until, zone)), freq="7D", inclusive="left", name="week", unit="us"
    )


def _monday(local: pd.Timestamp) -> pd.Timestamp:
    return local.normalize() - pd.Timedelta(days=local.weekday())


def _naive(moment: pd.Timestamp, zone: str) -> pd.Timestamp:
    return moment.tz_convert(zone).tz_localize(None)
