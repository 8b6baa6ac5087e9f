"""What a status page says of a component: a word for how it is, from the incidents that touch it."""

import re
from collections.abc import Iterable
from enum import StrEnum

from app.domain.words import IncidentSeverity, IncidentStatus

S = IncidentSeverity


class ComponentState(StrEnum):
    """How a component is for whoever uses it, from well to worst."""

    WORKING = "working"
    WATCHED = "watched"
    AFFECTED = "affected"
    PARTLY_OUT = "partly_out"
    OUT = "out"


WORDS = {
    ComponentState.WORKING: "Working",
    ComponentState.WATCHED: "Mended, being watched",
    ComponentState.AFFECTED: "Affected",
    ComponentState.PARTLY_OUT: "Partly out of order",
    ComponentState.OUT: "Out of order",
}
_BY_SEVERITY = {
    S.SEV1: ComponentState.OUT, S.SEV2: ComponentState.PARTLY_OUT, S.SEV3: ComponentState.AFFECTED,
    S.SEV4: ComponentState.AFFECTED,
    S.SEV5: ComponentState.WORKING,  # nobody outside notices
}  # fmt: skip
_ORDER = tuple(ComponentState)
_EMAIL = re.compile(r"[^\s@<>(),;:]+@[^\s@<>(),;:]+\.\w+")


def state_of(incidents: Iterable[tuple[IncidentSeverity, IncidentStatus]]) -> ComponentState:
    """The worst that any of these incidents means; working without an open one."""
    found = [_one(severity, status) for severity, status in incidents]
    return max(found, key=_ORDER.index, default=ComponentState.WORKING)


def names_in(text: str, names: Iterable[str]) -> list[str]:
    """The people whom a text names, by whole words as written, and the mail addresses in it."""
    people = [
        name for name in names if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
    ]
    return sorted(set(people)) + sorted(set(_EMAIL.findall(text)))


def _one(severity: IncidentSeverity, status: IncidentStatus) -> ComponentState:
    if status in (IncidentStatus.RESOLVED, IncidentStatus.CLOSED):
        return ComponentState.WORKING
    if status is IncidentStatus.MITIGATED:
        return min(ComponentState.WATCHED, _BY_SEVERITY[severity], key=_ORDER.index)
    return _BY_SEVERITY[severity]
