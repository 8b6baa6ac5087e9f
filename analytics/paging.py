"""From firing to a person's answer, in three legs: our engine, the push service, the person."""

from typing import Any

import numpy as np
import pandas as pd

from analytics.response import STILL_OPEN, Moment, known_rows, looked_up, minutes_between, spoken, summary

LEGS = ("our engine", "the push service", "the person")


def time_to_page(alerts: pd.DataFrame, pages: pd.DataFrame, *, as_of: Moment) -> pd.DataFrame:
    """One row per alert that was paged and leg ``leg``, else as every metric's table: ``minutes``,
    ``observed`` …

    Our engine: fired to the first page sent. The push service: each page sent to delivered; one that was
    answered without a report of its delivery is left out. The person: delivered to answered, waiting until the
    alert was over.
    """
    known = known_rows(alerts, as_of)
    rows = known.rows.assign(over=known.moment("resolved_at")).set_index("alert_id")
    sent = pages[(pages["sent_at"] <= known.as_of) & pages["alert_id"].isin(rows.index)]
    sent = sent.assign(
        delivered_at=sent["delivered_at"].where(sent["delivered_at"] <= known.as_of),
        answered_at=sent["answered_at"].where(sent["answered_at"] <= known.as_of),
    )
    first = sent.groupby("alert_id", sort=False)["sent_at"].min().reset_index()
    parts = [
        _leg(
            LEGS[0],
            first["alert_id"],
            looked_up(first["alert_id"], rows["fired_at"]),
            first["sent_at"],
            rows,
            known.as_of,
        ),
        _leg(
            LEGS[1],
            sent["alert_id"],
            sent["sent_at"],
            sent["delivered_at"],
            rows,
            known.as_of,
            unseen=sent["answered_at"].notna() & sent["delivered_at"].isna(),
        ),
        _leg(
            LEGS[2],
            sent["alert_id"],
            sent["delivered_at"],
            sent["answered_at"],
            rows,
            known.as_of,
            until_over=True,
        ),
    ]
    return pd.concat(parts)


def by_leg(durations: pd.DataFrame) -> pd.DataFrame:
    """What may be said of each leg of `time_to_page`, in their order."""
    table = spoken(summary(durations, by="leg"))
    return table.reindex([leg for leg in LEGS if leg in table.index])


def _leg(
    leg: str,
    alert: "pd.Series[Any]",
    start: "pd.Series[Any]",
    stop: "pd.Series[Any]",
    rows: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    unseen: "pd.Series[Any] | None" = None,
    until_over: bool = False,
) -> pd.DataFrame:
    over = (
        looked_up(alert, rows["over"])
        if until_over
        else pd.Series(pd.NaT, index=alert.index, dtype="datetime64[us, UTC]")
    )
    last = stop.where(stop.notna(), over)
    last = last.where(last.notna(), as_of)
    why: pd.Series[Any] = pd.Series(np.nan, index=alert.index, dtype="str")
    why = why.mask(last < start, "in an impossible order")
    if unseen is not None:
        why = why.mask(unseen, "delivery not reported")
    why = why.mask(start.isna(), "start unknown")
    counts = why.isna()
    table = pd.DataFrame({
        "minutes": minutes_between(start, last).where(counts).astype("float64"),
        "observed": (stop.notna() & counts).astype(bool),
        "end": pd.Series(np.where(stop.notna(), "done", STILL_OPEN), index=alert.index).where(counts),
        "left_out": why, "start": start, "leg": leg, "reopened": False, "edited": False,
        **{name: alert.map(rows[name]) for name in ("severity", "service", "team")},
    })  # fmt: skip
    return table.set_index(pd.Index(alert, name="alert_id"))
