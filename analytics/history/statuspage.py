"""Incidents as a Statuspage-like page gives them: what users were told, not what engineers saw."""

from pathlib import Path
from typing import Any

import pandas as pd

from analytics import columns
from analytics.history.documents import incidents_of, name_of, refuse_without
from analytics.history.understood import History, checked, moments

LEVELS = {"critical": "SEV1", "major": "SEV2", "minor": "SEV3", "none": "SEV5", "maintenance": "SEV5"}
USED = {
    "incident_id": "id", "title": "name", "service": "the first of components", "severity": "impact",
    "kind": "maintenance where scheduled_for or impact says so", "impact_started_at": "started_at",
    "detected_at": "started_at, else created_at", "declared_at": "created_at", "mitigated_at": "monitoring_at",
    "resolved_at": "resolved_at", "events": "incident_updates",
}  # fmt: skip
KNOWN = {
    "id",
    "name",
    "components",
    "impact",
    "scheduled_for",
    "started_at",
    "created_at",
    "monitoring_at",
    "resolved_at",
    "incident_updates",
}


def read(file: Path, now: pd.Timestamp) -> History:
    """The page's incidents, and its updates as changes of status."""
    found = incidents_of(file, "a status page's list")
    refuse_without(found, ("impact", "incident_updates"), f"{file} is not a status page's list")
    rows = pd.DataFrame([_row(one) for one in found], columns=list(columns.INCIDENTS))
    stamps = [name for name, kind in columns.INCIDENTS.items() if kind == "moment"]
    kept, why = checked(rows.assign(**{name: moments(rows[name], name) for name in stamps}), now)
    changes = pd.DataFrame(
        [line for one in found for line in _updates(one)], columns=["incident_id", "at", "kind", "from", "to"]
    )
    events = columns.tidy(
        changes.assign(at=moments(changes["at"], "incident_updates.created_at")), columns.EVENTS
    )
    unused = sorted({key for one in found for key in one} - KNOWN)
    return History(
        "statuspage",
        len(found),
        kept,
        events[events["at"].notna()],
        USED,
        tuple(unused),
        why,
        ("Nobody's acknowledgement is in it: time to acknowledge stays unknown.",),
    )


def _row(one: dict[str, Any]) -> dict[str, Any]:
    impact = str(one.get("impact") or "none").lower()
    parts = [name for part in one.get("components") or [] if (name := name_of(part))]
    planned = one.get("scheduled_for") is not None or impact == "maintenance"
    return {
        "incident_id": one.get("id"),
        "title": one.get("name"),
        "service": parts[0] if parts else None,
        "severity": LEVELS.get(impact),
        "kind": "maintenance" if planned else "incident",
        "impact_started_at": one.get("started_at"),
        "detected_at": one.get("started_at") or one.get("created_at"),
        "declared_at": one.get("created_at"),
        "mitigated_at": one.get("monitoring_at"),
        "resolved_at": one.get("resolved_at"),
    }


def _updates(one: dict[str, Any]) -> list[dict[str, Any]]:
    updates = sorted(
        (u for u in one.get("incident_updates") or [] if isinstance(u, dict)),
        key=lambda u: str(u.get("created_at")),
    )
    before = None
    lines = []
    for update in updates:
        status = update.get("status")
        if status != before:
            lines.append(
                {
                    "incident_id": one.get("id"),
                    "at": update.get("created_at"),
                    "kind": "status_changed",
                    "from": before,
                    "to": status,
                }
            )
        before = status
    return lines
