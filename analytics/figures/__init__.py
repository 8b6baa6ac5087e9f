"""Metric table -> plotly figure. Only drawing happens here; the numbers come ready.

Each metric of the dictionary in `docs/analytics.md` has the figure of its name: `figures.NAME(table)` of the
table that `analytics.NAME` gave. Besides them the shapes they are made of, for what is no metric of its own.
Every figure wears `nightbell_light` or `nightbell_dark`, is at most 50 kB as JSON, and is shown with `CONFIG`.
"""

from analytics.figures.comparison import needed_n, simulate_noise, trade_off, two_curves
from analytics.figures.curves import by_severity, trend, waiting
from analytics.figures.impact import budget_spent, burn_down, degraded_minutes, peak_concurrency
from analytics.figures.incident import lanes
from analytics.figures.noise import (
    actioned_share,
    concentration,
    cooccurrence,
    flapping,
    missed_by_alerts,
    self_resolved_share,
    top_talkers,
)
from analytics.figures.pager_load import (
    interruption_kind,
    interruptions,
    load_fairness,
    nights_broken,
    response_effort,
    shift_load,
)
from analytics.figures.response import (
    business_minutes,
    phase_shares,
    restricted_mean,
    share_within,
    time_to_acknowledge,
    time_to_declare,
    time_to_detect,
    time_to_mitigate,
    time_to_mobilise,
    time_to_page,
    time_to_resolve,
    time_to_restore,
)
from analytics.figures.shapes import in_parts, intervals, ranked
from analytics.figures.volume import (
    escalations,
    hour_by_weekday,
    incident_rate,
    multiples,
    reassignments,
    reopen_rate,
    weekly_counts,
)
from analytics.theme import CONFIG

__all__ = [
    "CONFIG", "actioned_share", "budget_spent", "burn_down", "business_minutes", "by_severity", "concentration",
    "cooccurrence", "degraded_minutes", "escalations", "flapping", "hour_by_weekday", "in_parts",
    "incident_rate", "interruption_kind", "interruptions", "intervals", "lanes", "load_fairness",
    "missed_by_alerts", "multiples", "needed_n", "nights_broken", "peak_concurrency", "phase_shares", "ranked",
    "reassignments", "reopen_rate", "response_effort", "restricted_mean", "self_resolved_share",
    "share_within", "shift_load", "simulate_noise", "time_to_acknowledge", "time_to_declare", "time_to_detect",
    "time_to_mitigate", "time_to_mobilise", "time_to_page", "time_to_resolve", "time_to_restore",
    "top_talkers", "trade_off", "trend", "two_curves", "waiting", "weekly_counts",
]  # fmt: skip
