"""How long on-call work takes, from tidy tables: importable without the app.

Every metric of the dictionary in `docs/analytics.md` is here under its name. Names are found on first use, so
that ``import analytics`` costs nothing and a process that only measures never loads plotly.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analytics.answer import review
    from analytics.hours import business_minutes, interruption_kind
    from analytics.impact import budget_spent, degraded_minutes, impacts, peak_concurrency
    from analytics.load import load_alerts, load_events, load_incidents
    from analytics.means import restricted_mean
    from analytics.milestones import (
        phase_shares,
        time_to_declare,
        time_to_detect,
        time_to_mitigate,
        time_to_mobilise,
        time_to_restore,
    )
    from analytics.noise import (
        actioned_share,
        concentration,
        cooccurrence,
        flapping,
        missed_by_alerts,
        self_resolved_share,
        top_talkers,
    )
    from analytics.pager_load import interruptions, load_fairness, nights_broken, response_effort, shift_load
    from analytics.paging import time_to_page
    from analytics.response import (
        footer,
        how_much_we_say,
        share_within,
        summary,
        time_to_acknowledge,
        time_to_resolve,
    )
    from analytics.source import Tables, read, window
    from analytics.volume import escalations, incident_rate, reassignments, reopen_rate, weekly_counts

_HOMES = {
    "answer": ("review",),
    "hours": ("business_minutes", "interruption_kind"),
    "impact": ("budget_spent", "degraded_minutes", "impacts", "peak_concurrency"),
    "load": ("load_alerts", "load_events", "load_incidents"),
    "means": ("restricted_mean",),
    "milestones": (
        "phase_shares", "time_to_declare", "time_to_detect", "time_to_mitigate", "time_to_mobilise",
        "time_to_restore",
    ),
    "noise": (
        "actioned_share", "concentration", "cooccurrence", "flapping", "missed_by_alerts",
        "self_resolved_share", "top_talkers",
    ),
    "pager_load": ("interruptions", "load_fairness", "nights_broken", "response_effort", "shift_load"),
    "paging": ("time_to_page",),
    "response": (
        "footer", "how_much_we_say", "share_within", "summary", "time_to_acknowledge", "time_to_resolve",
    ),
    "source": ("Tables", "read", "window"),
    "volume": ("escalations", "incident_rate", "reassignments", "reopen_rate", "weekly_counts"),
}  # fmt: skip
__all__ = [
    "Tables", "actioned_share", "budget_spent", "business_minutes", "concentration", "cooccurrence",
    "degraded_minutes", "escalations", "flapping", "footer", "how_much_we_say", "impacts", "incident_rate",
    "interruption_kind", "interruptions", "load_alerts", "load_events", "load_fairness", "load_incidents",
    "missed_by_alerts", "nights_broken", "peak_concurrency", "phase_shares", "read", "reassignments",
    "reopen_rate", "response_effort", "restricted_mean", "review", "self_resolved_share", "share_within",
    "shift_load", "summary", "time_to_acknowledge", "time_to_declare", "time_to_detect", "time_to_mitigate",
    "time_to_mobilise", "time_to_page", "time_to_resolve", "time_to_restore", "top_talkers", "weekly_counts",
    "window",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"analytics.{module}"), name)
    raise AttributeError(f"analytics has no {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
