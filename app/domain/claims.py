"""What a schedule must keep to, and what the check says about it: claims, each proved or refuted.

A claim that does not hold is an ERROR where somebody may be missed by a page, and a WARNING where somebody is
worn out or surprised.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.daily import DailyHours
from app.domain.hours import Restriction
from app.domain.interval import Interval
from app.domain.invalid import Faults
from app.domain.layers import MOST_RESTRICTIONS, read_restriction, restriction_to_json

HORIZON = timedelta(days=800)  # two years and a bit: two of each clock change, and every monthly rhythm
SLEEP = DailyHours(time(22), time(7))  # on a person's own clock, until they say otherwise
MOST_PEOPLE, MOST_STEPS, MOST_REST, MOST_NIGHTS = 20, 20, 72, 366


class Claim(StrEnum):
    """What is checked."""

    COVERED = "covered"  # somebody is on call in all required hours
    DEPTH = "depth"  # enough different people stand behind each other
    ONE_PERSON = "one_person"  # no two people hold the same level at once, where the schedule wants that
    ACTIVE = "active"  # everybody named has an account that works
    LEAVE = "leave"  # nobody's turn falls in their time off
    ONE_PLACE = "one_place"  # nobody is primary on two schedules at once
    REST = "rest"  # enough hours between two shifts of a person
    NIGHTS = "nights"  # not too many nights in a row
    HANDOFFS = "handoffs"  # nobody takes over in their sleep
    WALL_TIMES = "wall_times"  # handoffs and hours keep their clock time when clocks change


class Level(StrEnum):
    """How much a finding matters; PROVEN is the good news that the claim holds as far as was looked."""

    ERROR = "error"
    WARNING = "warning"
    PROVEN = "proven"


@dataclass(frozen=True)
class Requirements:
    """What the team wants of a schedule. `hours`: when somebody must be on call; None: whenever a layer says
    so. `people`: how many different people stand through step `through_step` (1 is the first; None: the whole
    policy).
    """

    hours: tuple[Restriction, ...] | None = None
    people: int = 1
    through_step: int | None = None
    rest: timedelta = timedelta(hours=11)
    nights_in_a_row: int = 7
    one_person_only: bool = False


ALWAYS = (Restriction(frozenset(range(7)), time(), time()),)


@dataclass(frozen=True)
class Person:
    """Somebody a schedule names, as far as the check asks. `sleep`: on their own clock."""

    name: str
    zone: ZoneInfo
    sleep: DailyHours = SLEEP


@dataclass(frozen=True)
class Finding:
    """One claim proved or refuted. `intervals`: when it fails, all of them in order; none where the claim is
    proven or is about no hours. `key` names the same trouble again on another day.
    """

    claim: Claim
    level: Level
    sentence: str
    key: str
    intervals: tuple[Interval, ...] = ()
    people: tuple[int, ...] = ()


def errors_in(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level is Level.ERROR]


def parse_requirements(json: object) -> Requirements:
    """What a decoded `requirements` object asks; nothing sent asks the usual. Raises InvalidField with
    pointers that begin at /requirements.
    """
    if json is None:
        return Requirements()
    faults = Faults()
    usual = Requirements()
    row = faults.mapping(
        json, "/requirements",
        ("hours", "people", "through_step", "rest_hours", "nights_in_a_row", "one_person_only"),
    )  # fmt: skip
    held: Mapping[str, object] = row or {}

    def number(name: str, default: int, lowest: int, highest: int) -> int:
        return faults.whole_number(held.get(name, default), f"/requirements/{name}", lowest, highest)

    only = held.get("one_person_only", False)
    if not isinstance(only, bool):
        faults.add("/requirements/one_person_only", "must be true or false")
    read = Requirements(
        _hours(held.get("hours"), faults),
        number("people", usual.people, 1, MOST_PEOPLE),
        None if held.get("through_step") is None else number("through_step", 1, 1, MOST_STEPS),
        timedelta(hours=number("rest_hours", 11, 0, MOST_REST)),
        number("nights_in_a_row", usual.nights_in_a_row, 1, MOST_NIGHTS),
        only is True,
    )
    faults.stop_if_any()
    return read


def requirements_to_json(requirements: Requirements) -> dict[str, Any]:
    """The JSON that parses to these, in its full form."""
    hours: object = None
    if requirements.hours == ALWAYS:
        hours = "always"
    elif requirements.hours is not None:
        hours = [restriction_to_json(each) for each in requirements.hours]
    return {
        "hours": hours,
        "people": requirements.people,
        "through_step": requirements.through_step,
        "rest_hours": requirements.rest // timedelta(hours=1),
        "nights_in_a_row": requirements.nights_in_a_row,
        "one_person_only": requirements.one_person_only,
    }


def _hours(json: object, faults: Faults) -> tuple[Restriction, ...] | None:
    if json is None:
        return None
    if json == "always":
        return ALWAYS
    if isinstance(json, str):
        faults.add("/requirements/hours", "must be “always” or a list of hours")
        return None
    rows = faults.sequence(json, "/requirements/hours", at_least=1, at_most=MOST_RESTRICTIONS)
    return tuple(
        read_restriction(row, f"/requirements/hours/{place}", faults) for place, row in enumerate(rows)
    )
