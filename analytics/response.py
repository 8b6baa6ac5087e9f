"""Detection to acknowledge, detection to resolve: how long, and how sure we are.

Each metric takes incidents (`detected_at`) or alerts (`fired_at`) and says what was known at `as_of`: rows
that start later do not exist, milestones that come later have not happened. The answer is one row per row
that existed, by id:

======================  ==============================================================================
``minutes``             from detection to the end, or to `as_of` while it waits; NaN when left out
``observed``            the end has come; False: it has lasted at least that long (censored)
``end``                 what ended it, in words: acknowledged, resolved, still open, self-resolved …
``left_out``            why the row does not count; empty when it does
``start``               the moment the clock started
``severity`` …          ``severity``, ``service``, ``team``: to group by
``reopened`` ``edited`` it was reopened by then; its milestones were corrected after the fact
======================  ==============================================================================
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isnan
from typing import Any, Literal

import numpy as np
import pandas as pd

from analytics import spells, words
from analytics.intervals import median_interval, share_interval
from analytics.labels import labelled
from analytics.lengths import IMPOSSIBLE as IMPOSSIBLE
from analytics.lengths import in_cases
from analytics.lengths import measured as measured
from analytics.survival import Curve, kaplan_meier

DAY, THREE_DAYS = 1440.0, 4320.0
STILL_OPEN = "still open"
NONE_COUNTS = "none counts"
NOT_HUMAN = ("source", "rule", "timeout", "system", "machine", "integration")
Reopened = Literal["first", "final", "active"]
Moment = pd.Timestamp | datetime | str


def time_to_acknowledge(
    rows: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None
) -> pd.DataFrame:
    """How long each incident or alert waited for its first acknowledgement by a human.

    What was resolved without one did not wait on: it is censored at that moment, and its ``end`` says whether a
    human ended it ("resolved unacknowledged"), its source ("self-resolved") or the silence ("timed out").
    """
    known = known_rows(rows, as_of, events)
    human = ~known.text("acknowledged_by").isin(NOT_HUMAN)
    acknowledged = known.moment("acknowledged_at").where(human)
    over = known.moment("resolved_at")
    unseen_end = acknowledged.isna() & over.isna() & known.moment("closed_at").notna()
    by = known.text("resolved_by")
    end = in_cases(
        STILL_OPEN, (over.notna(), "resolved unacknowledged"),
        (over.notna() & (by == "source"), "self-resolved"), (over.notna() & (by == "timeout"), "timed out"),
        (acknowledged.notna(), "acknowledged"),
    )  # fmt: skip
    stop = acknowledged.where(acknowledged.notna(), over)
    return measured(known, stop, observed=acknowledged.notna(), end=end, stop_unknown=unseen_end, edits=events)


def time_to_resolve(
    rows: pd.DataFrame,
    *,
    as_of: Moment,
    events: pd.DataFrame | None = None,
    reopened: Reopened = "final",
    stop_fallback: Literal["closed_at"] | None = None,
) -> pd.DataFrame:
    """How long each incident or alert lasted until it was resolved.

    With `events`, what was reopened is replayed: `final` ends at the last resolve (the headline), `first` at
    the first, `active` adds up the spells it was open. Without, the row's own ``resolved_at`` is the final
    one and the other two raise ``ValueError``. Closed without a known resolve is left out, unless
    `stop_fallback` says to take the close; an alert that only its silence ended has lasted at least that
    long.
    """
    known = known_rows(rows, as_of, events, replayed=False)
    closed = known.moment("closed_at")
    stop = known.moment("resolved_at")
    active = pd.Series(np.nan, index=known.rows.index)
    if events is not None:
        replay = spells.replay(
            known.rows, events, id_column=known.id_column, start_column=known.start_column, as_of=known.as_of
        )
        replayed = pd.Series(False, index=known.rows.index)
        if len(replay):
            replayed = known.rows[known.id_column].isin(replay.index)
            lined_up = replay.reindex(known.rows[known.id_column]).set_axis(known.rows.index)
            stop = stop.where(~replayed, lined_up["first_stop" if reopened == "first" else "final_stop"])
            if reopened == "active":
                active = lined_up["active_minutes"].astype("float64")
    elif reopened != "final":
        raise ValueError(f"reopened={reopened!r} needs events: a row only remembers its last resolve")
    else:
        replayed = pd.Series(False, index=known.rows.index)
    if stop_fallback == "closed_at":
        stop = stop.where(stop.notna(), closed)
    timed_out = stop.notna() & (known.text("resolved_by") == "timeout")
    end = in_cases(STILL_OPEN, (stop.notna(), "resolved"), (timed_out, "timed out"))
    # a reopened one that is open again was never closed for good, whatever its row says
    unseen_end = stop.isna() & closed.notna() & ~replayed
    table = measured(
        known, stop, observed=stop.notna() & ~timed_out, end=end, stop_unknown=unseen_end, edits=events
    )
    spelled = active.set_axis(table.index)
    return table.assign(minutes=table["minutes"].mask(spelled.notna() & table["minutes"].notna(), spelled))


def counted(durations: pd.DataFrame) -> pd.DataFrame:
    """The rows of a metric's table that count."""
    # as an array: to look at a series of a million names, pandas first makes a dictionary of them all
    return durations.loc[durations["left_out"].isna().to_numpy()]


def between(rows: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """The rows that were detected (or fired) in the half-open [since, until), and those of which nobody knows
    when: each metric leaves them out and counts them.
    """
    start = rows[start_of(rows)]
    return rows.loc[((start >= since) & (start < until)) | start.isna()]


def suspects(durations: pd.DataFrame) -> pd.DataFrame:
    """Rows worth a second look, not removed: over 6 robust deviations from the median on the log scale."""
    ended = counted(durations)
    ended = ended.loc[(ended["observed"] & (ended["minutes"] > 0)).to_numpy()]
    if ended.empty:
        return ended.assign(z=pd.Series(dtype="float64"))
    log = np.log(ended["minutes"])
    spread = 1.4826 * (log - log.median()).abs().median()
    z = (log - log.median()) / spread if spread > 0 else log * 0.0
    far: pd.Series[bool] = z.abs() > 6
    return ended.assign(z=z)[far]


def curve(durations: pd.DataFrame) -> Curve:
    """The Kaplan-Meier curve of a metric's table, in minutes."""
    rows = counted(durations)
    return kaplan_meier(rows["minutes"].to_numpy(), rows["observed"].to_numpy())


def summary(durations: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """One row per group of `by` (one for all without): counts, median with its 95 % interval, p90, p95, means.

    While anything waits, quantiles and interval are the Kaplan-Meier ones and plain means are NaN (nobody knows
    them); the restricted means, up to one and three days, are what may be compared. Once all are over: linear
    interpolation and the order-statistic interval. ``method`` says which, and ``why`` why there is no median,
    where there is none.
    """
    rows = counted(durations)
    if by is None:
        return pd.DataFrame([_describe(rows)])
    groups = {str(name): _describe(group) for name, group in rows.groupby(by, sort=True, observed=True)}
    return pd.DataFrame.from_dict(groups, orient="index", columns=_SUMMARY).rename_axis(by)


_SUMMARY = (
    "n", "ended", "still_open", "median", "low", "high", "p90", "p95", "mean", "geometric_mean",
    "restricted_mean_1d", "restricted_mean_3d", "method", "why",
)  # fmt: skip


def _describe(rows: pd.DataFrame) -> dict[str, Any]:
    minutes = rows["minutes"].to_numpy(dtype="float64")
    observed = rows["observed"].to_numpy(dtype=bool)
    line = kaplan_meier(minutes, observed)
    counts = {
        "n": len(rows),
        "ended": int(observed.sum()),
        "still_open": int((rows["end"] == STILL_OPEN).sum()),
    }
    means = {
        "restricted_mean_1d": line.restricted_mean(DAY)[0],
        "restricted_mean_3d": line.restricted_mean(THREE_DAYS)[0],
    }
    if len(rows) and observed.all():
        low, high = median_interval(minutes)
        median, p90, p95 = (float(q) for q in np.quantile(minutes, [0.5, 0.9, 0.95]))
        positive = minutes[minutes > 0]
        means["mean"] = float(minutes.mean())
        means["geometric_mean"] = float(np.exp(np.log(positive).mean())) if len(positive) else float("nan")
        method = "order statistics"
    else:
        low, high = line.quantile_interval(0.5)
        median, p90, p95 = (line.quantile(q) for q in (0.5, 0.9, 0.95))
        means["mean"] = means["geometric_mean"] = float("nan")
        method = "Kaplan-Meier"
    quantiles = {"median": median, "low": low, "high": high, "p90": p90, "p95": p95}
    why = words.why_not(median, NONE_COUNTS if not len(rows) else "fewer than half are over")
    return {**counts, **quantiles, **means, "method": method, "why": why}


def share_within(durations: pd.DataFrame, targets: Mapping[str, float] | float) -> pd.DataFrame:
    """By severity, the share that was over within its target (minutes), with its 95 % interval.

    ``1 - S(target)``: open past the target is missed, open before it is censored. Where nothing was censored
    before the target the interval is Wilson's; at none and at all the curve has no interval of its own, and it
    is Wilson's of those of which it is known. A severity without a target is not listed. ``why`` says why there
    is no share, where nothing was watched up to the target.
    """
    rows = counted(durations)
    lines = {}
    for severity, group in rows.groupby("severity", sort=True):
        target = targets.get(str(severity)) if isinstance(targets, Mapping) else targets
        if target is not None:
            lines[str(severity)] = {"target": float(target), "n": len(group), **_within(group, float(target))}
    columns = ["target", "n", "share", "low", "high", "why"]
    return pd.DataFrame.from_dict(lines, orient="index", columns=columns).rename_axis("severity")


def _within(rows: pd.DataFrame, target: float) -> dict[str, Any]:
    known = len(rows) - int((~rows["observed"] & (rows["minutes"] < target)).sum())
    k = int((rows["observed"] & (rows["minutes"] <= target)).sum())
    if known == len(rows):
        low, high = share_interval(k, known)
        return {"share": k / known, "low": low, "high": high, "why": ""}
    line = kaplan_meier(rows["minutes"].to_numpy(), rows["observed"].to_numpy())
    share = 1 - line.at(target)
    if share in (0, 1):
        low, high = share_interval(k, known)
        return {"share": share, "low": low, "high": high, "why": ""}
    if isnan(share):
        return {"share": share, "low": share, "high": share, "why": unwatched(rows)}
    low, high = line.band(target)
    return {"share": share, "low": 1 - high, "high": 1 - low, "why": ""}


def unwatched(rows: pd.DataFrame) -> str:
    """Why nothing can be said of a length that `rows` do not reach."""
    return "none was watched for so long" if len(rows) else NONE_COUNTS


@dataclass(frozen=True)
class Voice:
    """What `n` rows allow us to say."""

    n: int
    median: bool
    p90: bool
    p95: bool
    compared: bool

    @property
    def dots_only(self) -> bool:
        return not self.median


def how_much_we_say(n: int) -> Voice:
    """Under 6 dots only; from 6 the median with its interval; from 20 p90 and comparisons; from 60 p95."""
    return Voice(n=n, median=n >= 6, p90=n >= 20, p95=n >= 60, compared=n >= 20)


def spoken(table: pd.DataFrame) -> pd.DataFrame:
    """A summary with what its `n` does not allow blanked (NaN)."""
    n = table["n"]
    middle = {name: table[name].where(n >= 6) for name in ("median", "low", "high")}
    return table.assign(**middle, p90=table["p90"].where(n >= 20), p95=table["p95"].where(n >= 60))


def left_out(durations: pd.DataFrame) -> dict[str, int]:
    """How many rows do not count, by reason, the most first."""
    return {str(reason): int(n) for reason, n in durations["left_out"].value_counts().items()}


def footer(
    durations: pd.DataFrame,
    *,
    since: pd.Timestamp,
    until: pd.Timestamp,
    as_of: pd.Timestamp,
    zone: str,
) -> str:
    """The line under every figure: n, still open, unknown stops, left out by reason, window, zone, as of."""
    rows, why = counted(durations), left_out(durations)
    unknown = why.pop("stop unknown", 0)
    ends = rows["end"].value_counts()
    unanswered = {
        str(end): int(n) for end, n in ends.items() if end not in ("acknowledged", "resolved", STILL_OPEN)
    }
    impossible = [str(name) for name in durations.index[(durations["left_out"] == IMPOSSIBLE).to_numpy()]]
    parts = [
        f"n {len(rows):,}",
        f"{ends.get(STILL_OPEN, 0):,} still open",
        f"{words.count(unknown, 'unknown stop')}",
        f"left out: {words.reasons(why)}" + (f" ({words.listed(impossible)})" if impossible else ""),
    ]
    if unanswered:
        parts.insert(2, words.reasons(unanswered))
    if edited := int(rows["edited"].sum()):
        parts.append(f"{edited:,} with corrected times")
    parts.append(f"{words.day(since, zone)} to {words.day(until, zone)}, {zone}")
    parts.append(f"as of {words.moment(as_of, zone)}")
    return " · ".join(parts)


@dataclass(frozen=True)
class Known:
    """The rows that existed at `as_of`, read as they were then: what every metric starts from."""

    rows: pd.DataFrame
    as_of: pd.Timestamp
    id_column: str
    start_column: str

    def moment(self, name: str) -> "pd.Series[Any]":
        """A milestone, empty where it came later."""
        if name not in self.rows:
            return pd.Series(pd.NaT, index=self.rows.index, dtype="datetime64[us, UTC]")
        return self.rows[name].where(self.rows[name] <= self.as_of)

    def text(self, name: str) -> "pd.Series[Any]":
        if name not in self.rows:
            return pd.Series(np.nan, index=self.rows.index, dtype="str")
        return self.rows[name]


def known_rows(
    rows: pd.DataFrame, as_of: Moment, events: pd.DataFrame | None = None, *, replayed: bool = True
) -> Known:
    """The incidents or alerts that had begun before `as_of`, with `events` called and resolved as they were
    then; only called so, if not `replayed`. Raises ``ValueError`` for an `as_of` without a zone.
    """
    moment = pd.Timestamp(as_of)
    if moment.tzinfo is None:
        raise ValueError(f"as_of needs a zone, such as {moment.isoformat()}Z")
    start_column = start_of(rows)
    later, at = rows[start_column] >= moment, moment.tz_convert("UTC")
    shown = rows[~later] if later.any() else rows  # a copy of a million rows takes its time
    id_column = "alert_id" if start_column == "fired_at" else "incident_id"
    if events is not None:
        shown = labelled(shown, events, id_column=id_column, as_of=at)
    if events is not None and replayed:
        shown = spells.as_known(shown, events, id_column=id_column, start_column=start_column, as_of=at)
    return Known(shown, at, id_column, start_column)


def start_of(rows: pd.DataFrame) -> str:
    """The column in which the clock starts: alerts fire, incidents are detected."""
    if "fired_at" in rows.columns:
        return "fired_at"
    return "detected_at"


def looked_up(keys: "pd.Series[Any]", moments: "pd.Series[Any]") -> "pd.Series[Any]":
    """The moment that `moments` (by key) has for each of `keys`; empty where there is none, also of nothing."""
    found = pd.Series(moments.reindex(keys).array, index=keys.index)
    return pd.to_datetime(found, utc=True).astype("datetime64[us, UTC]")


def minutes_between(starts: "pd.Series[Any]", stops: "pd.Series[Any]") -> "pd.Series[Any]":
    """Minutes from each start to its stop; NaN where one is missing."""
    lasted: pd.Series[Any] = (stops - starts).dt.total_seconds() / 60
    return lasted
