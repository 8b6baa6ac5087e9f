"""The honest average: of the first hours only, so that what is still open has its part in it."""

import pandas as pd

from analytics import words
from analytics.response import DAY, counted, curve, unwatched
from analytics.survival import Z95


def restricted_mean(durations: pd.DataFrame, limit: float = DAY, by: str | None = None) -> pd.DataFrame:
    """The mean of the first `limit` minutes, the area under the curve: finite, with what is open in it, and
    comparable between periods. One row per group: ``limit``, ``n``, ``mean``, its 95 % interval, and ``why``
    where nobody can tell, since nothing was watched for so long.
    """
    rows = counted(durations)
    groups = {"all": rows} if by is None else {str(k): g for k, g in rows.groupby(by, sort=True, observed=True)}
    lines = {}
    for name, group in groups.items():
        mean, error = curve(group).restricted_mean(limit)
        lines[name] = {
            "limit": float(limit), "n": len(group), "mean": mean, "low": mean - Z95 * error,
            "high": mean + Z95 * error, "why": words.why_not(mean, unwatched(group)),
        }  # fmt: skip
    columns = ["limit", "n", "mean", "low", "high", "why"]
    return pd.DataFrame.from_dict(lines, orient="index", columns=columns).rename_axis(by or "group")
