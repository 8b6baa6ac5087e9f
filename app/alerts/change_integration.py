"""A door for alerts gets another name or mapping, or is closed."""

from datetime import datetime
from typing import Any

from app.alerts import heartbeats
from app.alerts.models import Integration
from app.alerts.sources.mapping import Mapping
from app.domain.timeline import Kind, Subject
from app.people.models import User
from app.timeline.record import record


def change(integration: Integration, *, by: User, at: datetime, **changes: Any) -> None:
    """Change some of its name, mapping, default_severity and silent_after_minutes, which counts from its last
    beat. Raises BadMapping for a mapping of no use.
    """
    if changes.get("mapping") is not None:
        Mapping.of(changes["mapping"])
    changed = sorted(name for name, value in changes.items() if getattr(integration, name) != value)
    for name in changed:
        setattr(integration, name, changes[name])
    if "silent_after_minutes" in changed:
        heartbeats.wait_as_it_says(integration)
    if changed:
        record(Kind.CHANGED, Subject.INTEGRATION, integration.id, at=at, by=by, changed=changed)


def close(integration: Integration, *, by: User, at: datetime) -> None:
    """Take nothing more in by it. Its alerts and what it sent stay. Twice is once."""
    if integration.is_active:
        integration.is_active = False
        record(Kind.DELETED, Subject.INTEGRATION, integration.id, at=at, by=by, name=integration.name)
