"""What a rule would have done to the alerts there were: pages avoided, detections delayed or lost, by name."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analytics.hours import SLEEPING
from analytics.response import Moment, known_rows, minutes_between

NO_PAGES = "the source tells of none: each alert is taken for one"


@dataclass(frozen=True)
class Backtest:
    """One rule over the alerts of a window. ``lost`` and ``delayed`` are incidents by id."""

    rule: str
    n: int
    kept: int
    pages_avoided: int
    avoided_asleep: int
    delay: float  # minutes, of every page that is kept
    delayed: tuple[str, ...]
    lost: tuple[str, ...]
    is_paged: bool  # by pages there were; else each alert is taken for one
    kept_rows: "pd.Series[Any]" = field(repr=False, compare=False)

    @property
    def suppressed(self) -> int:
        return self.n - self.kept


def hold(
    alerts: pd.DataFrame, minutes: float, *, as_of: Moment, disturbances: pd.DataFrame | None = None
) -> Backtest:
    """Page only for what has lasted `minutes`: keeps an alert iff it did (still firing: until `as_of`), that
    much later.

    `disturbances` are interruptions with their ``alert_id`` and ``kind``; without them every alert is one
    page.
    """
    known = known_rows(alerts, as_of)
    end = known.moment("resolved_at").fillna(known.as_of)
    lasted = minutes_between(known.rows["fired_at"], end)
    return _judge(f"hold for {minutes:g} min", known.rows, lasted >= minutes, minutes, disturbances)


def regroup(
    alerts: pd.DataFrame, minutes: float, *, as_of: Moment, disturbances: pd.DataFrame | None = None
) -> Backtest:
    """Page a rule and target again only if it fires more than `minutes` after its last resolve."""
    known = known_rows(alerts, as_of)
    rows = known.rows
    key = rows["rule"].fillna("") + "\x1f" + rows["target"].fillna("")
    order = rows["fired_at"].sort_values(kind="stable").index
    end = known.moment("resolved_at").fillna(known.as_of)
    # the latest end of all that fired before it
    latest = end[order].astype("int64").groupby(key[order], sort=False).cummax()
    before = latest.groupby(key[order], sort=False).shift()
    gap = (rows["fired_at"][order].astype("int64") - before) / 60e6
    keep = (before.isna() | (gap > minutes)).reindex(rows.index)
    return _judge(f"one page until {minutes:g} min of quiet", rows, keep, 0.0, disturbances)


def drop(alerts: pd.DataFrame, *, as_of: Moment, disturbances: pd.DataFrame | None = None) -> Backtest:
    """Never page for these alerts."""
    rows = known_rows(alerts, as_of).rows
    return _judge("no page", rows, pd.Series(False, index=rows.index), 0.0, disturbances)


def _judge(
    rule: str, rows: pd.DataFrame, keep: "pd.Series[Any]", delay: float, disturbances: pd.DataFrame | None
) -> Backtest:
    keep = keep.astype(bool)
    gone = rows[~keep]
    avoided, asleep = len(gone), 0
    if disturbances is not None:
        theirs = disturbances[disturbances["alert_id"].isin(gone["alert_id"])]
        avoided, asleep = len(theirs), int((theirs["kind"] == SLEEPING).sum())
    kept_incidents = set(rows.loc[keep, "incident_id"].dropna())
    told = {str(name) for name in gone["incident_id"].dropna()}
    lost = sorted(told - kept_incidents, key=_by_number)
    late = sorted(kept_incidents, key=_by_number) if delay > 0 else []
    return Backtest(
        rule, len(rows), int(keep.sum()), avoided, asleep, delay, tuple(str(i) for i in late), tuple(lost),
        disturbances is not None, keep,
    )  # fmt: skip


def _by_number(name: Any) -> tuple[int, str]:
    digits = "".join(letter for letter in str(name) if letter.isdigit())
    return (int(digits) if digits else 0, str(name))


def curve(
    alerts: pd.DataFrame, minutes: tuple[float, ...], *, as_of: Moment, disturbances: pd.DataFrame | None = None
) -> pd.DataFrame:
    """`hold` for several lengths: ``minutes``, ``kept``, ``suppressed``, ``pages_avoided``, ``asleep``,
    ``lost``, ``delayed``, ``share_held``: of the alerts.
    """
    found = [hold(alerts, limit, as_of=as_of, disturbances=disturbances) for limit in minutes]
    return pd.DataFrame({
        "minutes": list(minutes), "kept": [b.kept for b in found], "suppressed": [b.suppressed for b in found],
        "pages_avoided": [b.pages_avoided for b in found], "asleep": [b.avoided_asleep for b in found],
        "lost": [len(b.lost) for b in found], "delayed": [len(b.delayed) for b in found],
        "share_held": [b.suppressed / b.n if b.n else np.nan for b in found],
    })  # fmt: skip
