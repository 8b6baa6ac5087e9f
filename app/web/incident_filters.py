"""The chips above the list of incidents, OR within one kind, AND across, and the order: all in the address."""

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from app.domain.words import IncidentSeverity
from app.incidents.models import Incident
from app.incidents.queries import Order, Wanted
from app.web.alert_filters import Chip, turned
from app.web.words import plain

ORDERS = {
    Order.WORST: "Worst first", Order.NEWEST: "Newest first", Order.LONGEST: "Longest first",
    Order.NUMBER: "Lowest number first",
}  # fmt: skip


def wanted_from(chosen: MultiDict[str, str]) -> Wanted:
    """What the address asks for; words it does not know are passed over."""
    return Wanted(
        severities=frozenset(each for each in IncidentSeverity if each in chosen.getlist("severity")),
        services=_numbers(chosen, "service"),
        teams=_numbers(chosen, "team"),
        order=next((each for each in Order if each == chosen.get("sort")), Order.WORST),
    )


def chips(chosen: MultiDict[str, str], listed: Sequence[Incident]) -> list[Chip]:
    """A chip for each severity, service and team among all that the tab lists, with how many it would show."""
    found: dict[tuple[str, str], list[Any]] = {}
    for incident in listed:
        of_it = [("severity", str(incident.severity), incident.severity.upper())]
        of_it += [("service", str(each.id), plain(each.name)) for each in incident.services]
        if incident.team is not None:
            of_it.append(("team", str(incident.team.id), plain(incident.team.name)))
        for name, value, word in of_it:
            found.setdefault((name, value), [word, 0])[1] += 1
    kinds = ("severity", "service", "team")
    in_order = sorted(found.items(), key=lambda each: (kinds.index(each[0][0]), each[1][0]))
    return [
        Chip(
            f"Team {word}" if name == "team" else word, count, value in chosen.getlist(name),
            turned("/incidents", chosen, name, value) or "/incidents",
        )
        for (name, value), (word, count) in in_order
    ]  # fmt: skip


def orders(chosen: MultiDict[str, str], now: Order) -> list[tuple[str, str, bool]]:
    """Each order in words, its address, and whether it is the one that holds."""
    rest = MultiDict((name, value) for name, value in chosen.items(multi=True) if name != "sort")
    return [(words, turned("/incidents", rest, "sort", each), each is now) for each, words in ORDERS.items()]


def _numbers(chosen: MultiDict[str, str], name: str) -> frozenset[int]:
    return frozenset(int(value) for value in chosen.getlist(name) if value.isdecimal() and len(value) < 10)
