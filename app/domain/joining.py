"""Which open incident a promoted alert belongs to, so that a storm is one incident, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

RECENT = timedelta(minutes=30)


@dataclass(frozen=True)
class Open:
    """An incident that is not over: when it was declared, its services, and the groups its source put its
    alerts into, each with the integration that said so.
    """

    number: int
    declared_at: datetime
    service_ids: frozenset[int]
    groups: frozenset[tuple[int, str]]


@dataclass(frozen=True)
class Join:
    number: int
    because: str


def joins(
    open_incidents: Iterable[Open], *, service_id: int, group: tuple[int, str] | None, at: datetime
) -> Join | None:
    """The incident of the alert's group, else the youngest of its service declared in the last 30 minutes;
    None: it becomes one of its own.
    """
    youngest_first = sorted(open_incidents, key=lambda each: (each.declared_at, each.number), reverse=True)
    for each in youngest_first:
        if group is not None and group in each.groups:
            return Join(each.number, "its source puts both into one group")
    for each in youngest_first:
        if service_id in each.service_ids and at - each.declared_at <= RECENT:
            minutes = int((at - each.declared_at).total_seconds()) // 60
            return Join(each.number, f"the incident of the same service began {minutes} min before")
    return None
