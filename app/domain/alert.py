"""What any source says about an alert, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.words import Severity


class Said(StrEnum):
    """What a source reports: it fires, somebody over there has it, or it is over."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Link:
    """Somewhere to look: an absolute http or https address and the words to show for it."""

    href: str
    text: str


@dataclass(frozen=True, slots=True)
class IncomingAlert:
    """One report about one alert, parsed and cleaned at the edge.

    `dedup_key` None: the source named none, and each report is an alert of its own. `severity` None: absent or
    a word nobody knows; the integration's default applies. `started_at` and `ended_at` are the source's own
    times (UTC), None when it gave none. `title` is never empty for a firing report; an acknowledgement or a
    resolution need not repeat it. `service` is the source's own word.
    """

    dedup_key: str | None
    title: str
    status: Said = Said.FIRING
    severity: Severity | None = None
    started_at: datetime | None = None
    description: str = ""
    links: tuple[Link, ...] = ()
    service: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    group_key: str | None = None
    ended_at: datetime | None = None
