"""From one milestone of an incident to the next: detect, declare, mobilise, mitigate, restore, and the phases.

Every function answers with the table that `analytics.response` describes, so that `response.summary`,
`share_within` and the figures take it. A milestone nobody recorded on an incident that is over is "stop
unknown": left out, counted.
"""

import pandas as pd

from analytics.lengths import in_cases
from analytics.response import (
    STILL_OPEN,
    Moment,
    counted,
    known_rows,
    left_out,
    looked_up,
    measured,
    spoken,
    summary,
)

JOINED = ("joined", "responder_joined")
LEFT = ("left", "responder_left")
FIRST_HOUR = pd.Timedelta(hours=1)

#: phase: (from, to), as in NIST SP 800-61
PHASES = {
    "detect": ("impact_started_at", "detected_at"),
    "acknowledge": ("detected_at", "acknowledged_at"),
    "diagnose": ("acknowledged_at", "mitigated_at"),
    "recover": ("mitigated_at", "resolved_at"),
}


def time_to_detect(
    incidents: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None
) -> pd.DataFrame:
    """How long users were hurt before anybody knew; only where a reviewer set the start (see `coverage`)."""
    return _from_to(incidents, "impact_started_at", "detected_at", "detected", as_of, events)


def time_to_declare(
    incidents: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None
) -> pd.DataFrame:
    """From detection to the moment somebody called it an incident."""
    return _from_to(incidents, "detected_at", "declared_at", "declared", as_of, events)


def time_to_mitigate(
    incidents: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None
) -> pd.DataFrame:
    """From detection until users stopped hurting: the one to steer by."""
    return _from_to(incidents, "detected_at", "mitigated_at", "mitigated", as_of, events)


def time_to_restore(
    incidents: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None
) -> pd.DataFrame:
    """From the start to the end of the impact, where both are known; an impact that lasts is censored."""
    return _from_to(incidents, "impact_started_at", "impact_ended_at", "restored", as_of, events)


def time_to_mobilise(incidents: pd.DataFrame, events: pd.DataFrame, *, as_of: Moment) -> pd.DataFrame:
    """From detection until the last of those who joined in the first hour had joined; needs two or more of
    them.
    """
    known = known_rows(incidents, as_of, events)
    joined = events[events["kind"].isin(JOINED) & (events["at"] <= known.as_of) & events["actor"].notna()]
    detected = known.rows.set_index("incident_id")["detected_at"]
    joined = joined.assign(detected=looked_up(joined["incident_id"], detected))
    in_time = joined[
        (joined["at"] >= joined["detected"]) & (joined["at"] <= joined["detected"] + FIRST_HOUR)
    ].drop_duplicates(["incident_id", "actor"])
    crew = in_time.groupby("incident_id").agg(last=("at", "max"), people=("actor", "nunique"))
    lined_up = crew.reindex(known.rows["incident_id"]).set_axis(known.rows.index)
    stop = lined_up["last"].astype("datetime64[us, UTC]")
    enough = lined_up["people"].fillna(0) >= 2
    end = pd.Series("mobilised", index=known.rows.index)
    table = measured(
        known, stop, observed=stop.notna(), end=end, stop_unknown=stop.isna() & False, edits=events
    )
    few = ~enough.set_axis(table.index) & table["left_out"].isna()
    return table.assign(
        left_out=table["left_out"].mask(few, "fewer than 2 responders"),
        minutes=table["minutes"].mask(few),
        observed=table["observed"] & ~few,
        end=table["end"].mask(few),
    )


def phase_shares(incidents: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """One row per phase: n, median with its interval, p90, and how many of the incidents that count are in it.

    Medians of phases do not add up to the median of the whole; they are drawn side by side.
    """
    lines = {}
    for phase, (start, stop) in PHASES.items():
        durations = _from_to(incidents, start, stop, phase, as_of, events)
        k, n = coverage(durations)
        lines[phase] = {**spoken(summary(durations)).iloc[0].to_dict(), "known": k, "of": n}
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis("phase")


def coverage(durations: pd.DataFrame) -> tuple[int, int]:
    """(k, n): of n incidents that count, the k whose start and stop are known, or that are still going on."""
    why = left_out(durations)
    k = len(counted(durations))
    missing = sum(why.get(reason, 0) for reason in ("start unknown", "stop unknown", "fewer than 2 responders"))
    return k, k + missing


def _from_to(
    incidents: pd.DataFrame,
    start: str,
    stop: str,
    done: str,
    as_of: Moment,
    events: pd.DataFrame | None,
) -> pd.DataFrame:
    known = known_rows(incidents, as_of, events)
    began, reached = known.moment(start), known.moment(stop)
    over = known.moment("resolved_at").notna() | known.moment("closed_at").notna()
    until_detected = stop == known.start_column
    return measured(
        known,
        reached,
        observed=reached.notna(),
        end=in_cases(STILL_OPEN, (reached.notna(), done)),
        stop_unknown=reached.isna() & (over | until_detected),  # whoever wrote it down had detected it
        edits=events,
        start=began,
        until_detected=until_detected,
    )
