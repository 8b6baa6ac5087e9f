"""Incidents as PagerDuty's REST API lists them."""

import re
from pathlib import Path
from typing import Any

import pandas as pd

from analytics import columns
from analytics.history.documents import has_more, incidents_of, name_of, refuse_without
from analytics.history.understood import History, checked, moments

URGENCIES = {"high": "SEV2", "low": "SEV4"}
MORE = "The list says that there are more: fetch the next pages (offset) and give them all, as a list of pages."
USED = {
    "incident_id": "id",
    "title": "title",
    "service": "service",
    "team": "the first of teams",
    "severity": "priority (P1 to P5), else urgency (high SEV2, low SEV4)",
    "detected_at": "created_at",
    "declared_at": "created_at",
    "acknowledged_at": "the first of acknowledgements, while it lasts",
    "resolved_at": "resolved_at, else last_status_change_at",
}
KNOWN = {
    "id",
    "title",
    "service",
    "teams",
    "priority",
    "urgency",
    "created_at",
    "acknowledgements",
    "resolved_at",
    "last_status_change_at",
    "status",
}


def read(file: Path, now: pd.Timestamp) -> History:
    """The list's incidents. It tells of acknowledgements only while they last."""
    found = incidents_of(file, "PagerDuty's list")
    refuse_without(found, ("urgency", "priority", "last_status_change_at"), f"{file} is not PagerDuty's list")
    rows = pd.DataFrame([_row(one) for one in found], columns=list(columns.INCIDENTS))
    stamps = [name for name, kind in columns.INCIDENTS.items() if kind == "moment"]
    kept, why = checked(rows.assign(**{name: moments(rows[name], name) for name in stamps}), now)
    return History(
        "pagerduty", len(found), kept, columns.empty(columns.EVENTS), USED,
        tuple(sorted({key for one in found for key in one} - KNOWN)), why,
        ("Acknowledgements of resolved incidents are not in the list: most acknowledge times stay unknown.",
         *([MORE] if has_more(file) else [])),
    )  # fmt: skip


def _row(one: dict[str, Any]) -> dict[str, Any]:
    acks = [str(a["at"]) for a in one.get("acknowledgements") or [] if isinstance(a, dict) and a.get("at")]
    over = one.get("status") == "resolved"
    teams = one.get("teams") or []
    return {
        "incident_id": one.get("id"), "title": one.get("title"), "service": name_of(one.get("service")),
        "team": name_of(teams[0]) if teams else None, "severity": _severity(one), "kind": "incident",
        "detected_at": one.get("created_at"), "declared_at": one.get("created_at"),
        "acknowledged_at": min(acks) if acks else None,
        "resolved_at": (one.get("resolved_at") or one.get("last_status_change_at")) if over else None,
    }  # fmt: skip


def _severity(one: dict[str, Any]) -> str | None:
    level = re.match(r"(?:P|SEV-?)([1-5])\b", (name_of(one.get("priority")) or "").upper())
    return f"SEV{level.group(1)}" if level else URGENCIES.get(str(one.get("urgency")))
