"""The kinds of integration: for each, how its requests are read."""

from collections.abc import Callable
from enum import StrEnum

from app.alerts.sources import alertmanager, events_v2, generic
from app.alerts.sources.batch import IntegrationFacts, ParsedBatch
from app.alerts.sources.document import Json


class Kind(StrEnum):
    """What speaks to an integration."""

    EVENTS_V2 = "events_v2"
    ALERTMANAGER = "alertmanager"
    GENERIC = "generic"
    HEARTBEAT = "heartbeat"  # pinged, not posted to


PARSERS: dict[Kind, Callable[[Json, IntegrationFacts], ParsedBatch]] = {
    Kind.EVENTS_V2: events_v2.parse,
    Kind.ALERTMANAGER: alertmanager.parse,
    Kind.GENERIC: generic.parse,
}
