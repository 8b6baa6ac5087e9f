"""An alert as programs outside read it, by the names of the API."""

from datetime import UTC, datetime
from typing import Any

from app.alerts.models import Alert


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


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, as the API writes it."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
