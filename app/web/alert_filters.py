"""The chips above the list of alerts: OR within one kind, AND across, each with how many it would show."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from app.alerts import listing
from app.alerts.listing import Filters, waiting_for
from app.domain.words import AlertStatus, Severity, Urgency
from app.incidents import access
from app.people.models import Team, User
from app.web.form import as_number
from app.web.words import ALERT_WORD, plain

Word = TypeVar("Word", bound=StrEnum)
SERVICES_SHOWN = 6


@dataclass(frozen=True)
class Chip:
    """One filter. Its address turns it on, or off when it is on."""

    word: str
    count: int
    is_on: bool
    href: str


def filters_from(chosen: MultiDict[str, str], viewer: User, my_teams: Sequence[Team]) -> Filters:
    """What the address asks for; words it does not know are passed over."""
    mine = frozenset(team.id for team in my_teams) if chosen.get("team") == "mine" else frozenset()
    return Filters(
        needs_me=viewer.id if chosen.get("needs") == "me" else None,
        teams=mine or (frozenset({0}) if chosen.get("team") == "mine" else frozenset()),
        severities=_words(chosen, "severity", Severity),
        services=frozenset(chosen.getlist("service", type=as_number)),
        statuses=_words(chosen, "status", AlertStatus),
        urgencies=_words(chosen, "urgency", Urgency),
    )


def chips(chosen: MultiDict[str, str], viewer: User, filters: Filters, my_teams: Sequence[Team]) -> list[Chip]:
    """Every chip in the order of triage: mine first, then how bad, how it stands, where."""
    seen = access.alerts_seen_by(viewer)
    counts = listing.counts(among=seen)
    mine = sum(counts.teams[team.id] for team in my_teams)
    known = listing.services_of(
        [id_ for id_, _ in counts.services.most_common(SERVICES_SHOWN)] + list(filters.services),
        among=seen,
    )
    found = [
        ("needs", "me", "Needs me", waiting_for(viewer.id)),
        ("team", "mine", "My teams", mine),
        *(("severity", str(one), ALERT_WORD[one], counts.severities[one]) for one in Severity),
        ("status", "triggered", "Nobody has it", counts.statuses[AlertStatus.TRIGGERED]),
        ("status", "acknowledged", "Acked", counts.statuses[AlertStatus.ACKNOWLEDGED]),
        ("status", "resolved", "Over", None),
        *(("urgency", str(one), f"{one.capitalize()} urgency", counts.urgencies[one]) for one in Urgency),
        *(("service", str(one.id), plain(one.name), counts.services[one.id]) for one in known),
    ]
    return [
        Chip(
            word,
            count if count is not None else -1,
            value in chosen.getlist(name),
            turned("/alerts", chosen, name, value) or "/alerts?clear=1",
        )
        for name, value, word, count in found
        if count != 0 or value in chosen.getlist(name)
    ]


def _words(chosen: MultiDict[str, str], name: str, kind: type[Word]) -> frozenset[Word]:
    return frozenset(kind(value) for value in chosen.getlist(name) if value in list(kind))


def turned(path: str, chosen: MultiDict[str, str], name: str, value: str) -> str:
    """The list's address with this filter turned the other way; empty when that leaves none."""
    pairs = list(chosen.items(multi=True))
    other = (
        [pair for pair in pairs if pair != (name, value)] if (name, value) in pairs else [*pairs, (name, value)]
    )
    return f"{path}?{urlencode(other)}" if other else ""
