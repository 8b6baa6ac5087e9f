"""Incidents as the API shows them: with those of their alerts that the caller may see."""

from collections.abc import Sequence

from app.incidents import access
from app.incidents.models import Incident
from app.web import serialize
from app.web.api.auth import me
from app.web.api.shapes import incidents as shapes


def shown(incidents: Sequence[Incident]) -> list[shapes.Incident]:
    """Made shapes, in their order; one question finds which alerts may be named."""
    seen = access.seen(me(), {alert.id for incident in incidents for alert in incident.alerts})
    return [serialize.incident(incident, seen) for incident in incidents]
