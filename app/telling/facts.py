"""Incidents as programs outside read them, by the names of the API."""

from typing import Any

from app.alerts.facts import moment
from app.incidents.models import Incident


def incident(row: Incident) -> dict[str, Any]:
    return {
        "incident": {
            "id": str(row.id), "number": row.number, "title": row.title[:300], "severity": row.severity,
            "status": row.status, "phase": row.phase,
            "team": None if row.team is None else {"id": str(row.team.id), "name": row.team.name},
            "declared_at": moment(row.declared_at), "mitigated_at": moment(row.mitigated_at),
            "resolved_at": moment(row.resolved_at), "closed_at": moment(row.closed_at),
        }
    }  # fmt: skip
