"""When a step of a policy is taken at all: for which severities, in which hours (feature 122).

Two steps whose conditions exclude each other are an if and its else. A step whose condition does not hold is
passed over at once; where all are, the last resort follows, so that a condition never loses an alert.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain import zone
from app.domain.hours import Restriction, WeeklyHours
from app.domain.invalid import Faults
from app.domain.layers import read_restriction, restriction_to_json
from app.domain.words import Severity


@dataclass(frozen=True, slots=True)
class Condition:
    """`severities`: these alone, or all where empty. `hours`: in these, or `outside` of them; always if empty.

    The hours are wall-clock time in `time_zone`.
    """

    severities: frozenset[Severity] = frozenset()
    hours: tuple[Restriction, ...] = ()
    outside: bool = False
    time_zone: str = "UTC"

    def holds(self, severity: Severity, at: datetime) -> bool:
        """Whether the step is taken for an alert of this severity at this moment."""
        if self.severities and severity not in self.severities:
            return False
        if not self.hours:
            return True
        week = WeeklyHours(self.hours)
        wall = zone.position(at, zone.named(self.time_zone))
        return (week.always or week.open_around(wall) is not None) is not self.outside

    @property
    def says(self) -> str:
        """The condition in words, empty where there is none: "only critical, only outside 09:00–17:00"."""
        words = []
        if self.severities:
            words.append("only " + " and ".join(str(one) for one in Severity if one in self.severities))
        if self.hours:
            spans = " and ".join(f"{one.start:%H:%M}–{one.end:%H:%M}" for one in self.hours)
            words.append(f"only {'outside ' if self.outside else ''}{spans} {self.time_zone}")
        return ", ".join(words)

    def to_json(self) -> dict[str, Any]:
        """What `read` reads; empty where there is no condition."""
        said: dict[str, Any] = {}
        if self.severities:
            said["severities"] = [str(one) for one in Severity if one in self.severities]
        if self.hours:
            said["hours"] = [restriction_to_json(one) for one in self.hours]
            said["time_zone"] = self.time_zone
            if self.outside:
                said["outside"] = True
        return said


ALWAYS = Condition()


def read(json: object, pointer: str, faults: Faults) -> Condition:
    """The condition that a decoded object describes; none for None."""
    if json is None:
        return ALWAYS
    row = faults.mapping(json, pointer, ("severities", "hours", "outside", "time_zone"))
    if row is None:
        return ALWAYS
    hours = faults.sequence(row.get("hours") or [], f"{pointer}/hours", at_most=7)
    outside = row.get("outside") or False
    if not isinstance(outside, bool):
        faults.add(f"{pointer}/outside", "must be true or false")
        outside = False
    return Condition(
        _severities(row, pointer, faults),
        tuple(read_restriction(one, f"{pointer}/hours/{place}", faults) for place, one in enumerate(hours)),
        outside,
        _zone(row, pointer, faults) if hours else "UTC",
    )


def _severities(row: Mapping[str, object], pointer: str, faults: Faults) -> frozenset[Severity]:
    named = faults.sequence(row.get("severities") or [], f"{pointer}/severities", at_most=len(Severity))
    found = set()
    for place, name in enumerate(named):
        if isinstance(name, str) and name in list(Severity):
            found.add(Severity(name))
        else:
            faults.add(f"{pointer}/severities/{place}", f"must be one of {', '.join(Severity)}")
    return frozenset(found)


def _zone(row: Mapping[str, object], pointer: str, faults: Faults) -> str:
    name = row.get("time_zone")
    try:
        zone.named(str(name))
    except zone.UnknownZone:
        faults.add(f"{pointer}/time_zone", "must be a time zone such as Europe/London")
        return "UTC"
    return str(name)
