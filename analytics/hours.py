"""Clock times: what kind of hour it is for a person, and how many working minutes lie between two moments."""

from collections.abc import Collection
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.response import spoken, summary

SLEEP = ("22:00", "08:00")
BUSINESS_ENDS = 18 * 60
SLEEPING, OFF, BUSINESS = "sleep", "off", "business"
WALL_CLOCK, WORKING_HOURS = "Wall clock", "Working hours"


def interruption_kind(
    moments: "pd.Series[Any]", zone: str, *, sleep: tuple[str, str] = SLEEP
) -> "pd.Series[Any]":
    """For each moment, by the wall clock of `zone` at that instant: "sleep", "off" or "business".

    Sleep is 22:00 to 08:00 every day (or the person's own hours) and wins; off is from 18:00 on weekdays and
    all of Saturday and Sunday; the rest is business.
    """
    local = moments.dt.tz_convert(zone)
    minute = local.dt.hour * 60 + local.dt.minute
    start, end = (_minute(word) for word in sleep)
    asleep = (minute >= start) | (minute < end) if start > end else (minute >= start) & (minute < end)
    off = (minute >= BUSINESS_ENDS) | (local.dt.day_of_week >= 5)
    kind = pd.Series(BUSINESS, index=moments.index).mask(off, OFF)
    return kind.mask(asleep, SLEEPING)


def night_of(moments: "pd.Series[Any]", zone: str) -> "pd.Series[Any]":
    """The date on which the night of each moment ends: that of the next 08:00 by the wall clock."""
    local = moments.dt.tz_convert(zone).dt.tz_localize(None)
    ends: pd.Series[Any] = (local + pd.Timedelta(hours=24 - 8)).dt.normalize()
    return ends


def business_minutes(
    starts: "pd.Series[Any]",
    stops: "pd.Series[Any]",
    *,
    zone: str,
    opens: str = "08:00",
    closes: str = "18:00",
    weekdays: Collection[int] = (0, 1, 2, 3, 4),
    holidays: Collection[date] = (),
) -> "pd.Series[Any]":
    """The minutes between each start and stop that lie inside the working hours of `zone`; NaN where one is
    missing.

    Always beside the wall-clock figure, never in its place. Days with a clock change are as long as they were.
    """
    known = starts.notna() & stops.notna()
    found = pd.Series(np.nan, index=starts.index, dtype="float64")
    if not known.any():
        return found
    first, last = starts[known].min(), stops[known].max()
    days = pd.date_range(
        first.tz_convert(zone).tz_localize(None).normalize(), last.tz_convert(zone).tz_localize(None), freq="D"
    )
    working = days[days.day_of_week.isin(list(weekdays)) & ~days.isin(pd.DatetimeIndex(list(holidays)))]
    edges = [_utc(working, word, zone) for word in (opens, closes)]
    found[known] = _worked(stops[known], *edges) - _worked(starts[known], *edges)
    return found


def both_clocks(
    durations: pd.DataFrame, *, zone: str, opens: str = "08:00", closes: str = "18:00"
) -> pd.DataFrame:
    """A metric's table twice, one under the other: ``clock`` says whether ``minutes`` are all of them, or those
    inside working hours. What is still open has lasted at least that long on either.
    """
    start = durations["start"]
    lasted = pd.to_timedelta(durations["minutes"], unit="min").astype("timedelta64[us]")
    worked = business_minutes(start, start + lasted, zone=zone, opens=opens, closes=closes)
    return pd.concat(
        [durations.assign(clock=WALL_CLOCK), durations.assign(clock=WORKING_HOURS, minutes=worked)]
    )


def by_clock(table: pd.DataFrame) -> pd.DataFrame:
    """What may be said of `both_clocks`, the wall clock first."""
    found = spoken(summary(table, by="clock"))
    return found.reindex([clock for clock in (WALL_CLOCK, WORKING_HOURS) if clock in found.index])


def _worked(moments: "pd.Series[Any]", opened: Any, closed: Any) -> Any:
    """Working minutes before each moment: whole days that have closed, and the part of the one that is open."""
    at = moments.astype("datetime64[us, UTC]").astype("int64").to_numpy()
    whole = np.concatenate([[0], np.cumsum(closed - opened)])
    ended = np.searchsorted(closed, at, side="right")
    running = np.zeros(len(at), dtype="int64")
    inside = ended < len(opened)
    running[inside] = np.clip(at[inside] - opened[ended[inside]], 0, None)
    return (whole[ended] + running) / 60e6


def _utc(days: pd.DatetimeIndex, word: str, zone: str) -> Any:
    local = days + pd.Timedelta(minutes=_minute(word))
    utc = local.tz_localize(zone, nonexistent="shift_forward", ambiguous=np.ones(len(local), dtype=bool))
    return utc.tz_convert("UTC").as_unit("us").asi8


def _minute(word: str) -> int:
    hour, _, minute = word.partition(":")
    return int(hour) * 60 + int(minute or 0)
