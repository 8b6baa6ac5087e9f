"""The honest average: of the first hours only, so that what is still open has its part in it."""

from math import isnan

import pandas as pd

from analytics import words
from analytics.response import DAY, counted, curve, how_much_we_say, unwatched
from analytics.survival import Z95

TOO_FEW = "too few for an interval: it needs 6"


def restricted_mean(durations: pd.DataFrame, limit: float = DAY, by: str | None = None) -> pd.DataFrame:
    """The mean of the first `limit` minutes, the area under the curve: finite, with what is open in it, and
    comparable between periods. One row per group: ``limit``, ``n``, ``mean``, its 95 % interval, and ``why``
    where nobody can tell: nothing was watched for so long, or there are too few for the interval.
    """
    rows = counted(durations)
    groups = {"all": rows} if by is None else {str(k): g for k, g in rows.groupby(by, sort=True, observed=True)}
    lines = {}
    for name, group in groups.items():
        mean, error = curve(group).restricted_mean(limit)
        half = Z95 * error if how_much_we_say(len(group)).median else float("nan")
        why = words.why_not(mean, unwatched(group)) or words.why_not(half, TOO_FEW)
        low = half if isnan(half) else max(0.0, mean - half)
        lines[name] = {
            "limit": float(limit), "n": len(group), "mean": mean, "low": low, "high": mean + half, "why": why,
        }  # fmt: skip
    columns = ["limit", "n", "mean", "low", "high", "why"]
    return pd.DataFrame.from_dict(lines, orient="index", columns=columns).rename_axis(by or "group")
