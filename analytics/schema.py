"""What each table promises: its columns and their kinds. Plain data, for those who must not load pandas."""

from typing import Literal

Kind = Literal["text", "moment", "count", "share"]

INCIDENTS: dict[str, Kind] = {
    "incident_id": "text",
    "title": "text",
    "service": "text",
    "team": "text",
    "severity": "text",  # SEV1 is the highest
    "kind": "text",  # incident, maintenance, announcement, request, drill
    "impact_started_at": "moment",
    "detected_at": "moment",
    "declared_at": "moment",
    "acknowledged_at": "moment",  # the first acknowledgement by a human
    "mitigated_at": "moment",
    "resolved_at": "moment",  # the last time it was resolved
    "closed_at": "moment",
    "merged_into": "text",
    "reopen_count": "count",
    "reassignment_count": "count",
    "impact_ended_at": "moment",
    "impact_fraction": "share",  # of the users or requests that were hurt; empty: all
}

EVENTS: dict[str, Kind] = {
    "incident_id": "text",
    "alert_id": "text",  # an event is about one of the two
    "at": "moment",
    "kind": "text",
    "actor": "text",
    "team": "text",
    "from": "text",
    "to": "text",
}

ALERTS: dict[str, Kind] = {
    "alert_id": "text",
    "rule": "text",
    "service": "text",
    "team": "text",
    "target": "text",
    "severity": "text",  # critical, error, warning, info
    "fired_at": "moment",
    "acknowledged_at": "moment",
    "acknowledged_by": "text",  # human, or what else did it; empty reads as human
    "resolved_at": "moment",
    "resolved_by": "text",  # source, human, timeout
    "incident_id": "text",
    "usefulness": "text",  # actionable, false positive, flapping, duplicate, other
}

PAGES: dict[str, Kind] = {
    "page_id": "text",
    "user": "text",
    "alert_id": "text",
    "incident_id": "text",
    "channel": "text",
    "sent_at": "moment",
    "delivered_at": "moment",
    "answered_at": "moment",
}

SHIFTS: dict[str, Kind] = {
    "user": "text",
    "schedule": "text",
    "start": "moment",
    "end": "moment",
    "role": "text",  # primary, backup
}

PEOPLE: dict[str, Kind] = {
    "user": "text",
    "time_zone": "text",
    "sleep_start": "text",  # wall-clock "22:00"; empty: the house's hours
    "sleep_end": "text",
}

REQUIRED = {
    "incidents": ("incident_id", "detected_at"),
    "events": ("at", "kind"),
    "alerts": ("alert_id", "fired_at"),
    "pages": ("page_id", "sent_at"),
    "shifts": ("user", "start", "end"),
    "people": ("user", "time_zone"),
}
