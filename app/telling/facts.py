"""Alerts and incidents as programs outside read them, by the names of the API."""

from datetime import UTC, datetime
from typing import Any

from app.alerts.models import Alert
from app.incidents.models import Incident


def alert(row: Alert) -> dict[str, Any]:
    """Without the source's labels and annotations, which may hold anything."""
    return {
        "alert": {
            "id": str(row.id), "number": row.number, "title": row.title[:300], "severity": row.severity,
            "urgency": row.urgency, "status": row.status, "dedup_key": row.dedup_key,
            "service": {"id": str(row.service.id), "name": row.service.name},
            "team": {"id": str(row.team.id), "name": row.team.name},
            "started_at": moment(row.started_at), "created_at": moment(row.created_at),
            "acknowledged_at": moment(row.acknowledged_at), "resolved_at": moment(row.resolved_at),
            "resolved_by": row.resolved_by,
        }
    }  # fmt: skip


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


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, as the API writes it."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
