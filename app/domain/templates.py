"""Layers for the usual ways to share on-call, to start from: whoever takes one changes what they like."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from app.domain.claims import ALWAYS, Requirements
from app.domain.hours import Restriction
from app.domain.rotation import Rotation, Unit
from app.domain.schedule import Layer

Sets = tuple[tuple[int, ...], ...]
WORKDAYS, WEEKEND, EVERY_DAY = frozenset(range(5)), frozenset({5, 6}), frozenset(range(7))
_DAY = time(9), time(17)
SUN = ("Europe/London", "America/Los_Angeles", "Asia/Singapore")  # eight hours each


@dataclass(frozen=True)
class Template:
    """A schedule to start from. `sentence` says what it is for."""

    key: str
    title: str
    sentence: str
    layers: tuple[Layer, ...]
    requirements: Requirements


def templates(people: Sets, start: datetime, zones: Sequence[str]) -> tuple[Template, ...]:
    """All of them, for these people in turns from `start`, a wall clock. `zones`: whose day follows whose, for
    follow-the-sun.
    """
    return (
        weekly(people, start),
        follow_the_sun(people, start, zones),
        week_and_weekend(people, start),
        off_hours(people, start),
    )


def weekly(people: Sets, start: datetime) -> Template:
    """One person has all hours of a week."""
    return Template(
        "weekly",
        "Weekly",
        "One person a week, day and night.",
        (Layer("Weekly", 1, Rotation(Unit.WEEK, 1, start, people)),),
        Requirements(hours=ALWAYS),
    )


def follow_the_sun(people: Sets, start: datetime, zones: Sequence[str]) -> Template:
    """The day is shared among places: each has as many hours as there are places to share it, on its own
    clock, and the people take turns among those places one after the other.
    """
    hours = 24 // len(zones)
    layers = tuple(
        Layer(
            zone.rpartition("/")[2].replace("_", " "),
            1,
            Rotation(Unit.WEEK, 1, start, people[number :: len(zones)] or people),
            (Restriction(EVERY_DAY, time(8), time((8 + hours) % 24)),),
            zone,
        )
        for number, zone in enumerate(zones)
    )
    return Template(
        "follow_the_sun",
        "Follow the sun",
        "Each place has the pager by day, on its own clock. Zones change their clocks on different days; the"
        " check names the hours that this leaves empty.",
        layers,
        Requirements(hours=ALWAYS),
    )


def week_and_weekend(people: Sets, start: datetime) -> Template:
    """Business days hand over daily, the weekend is one turn; the two lists go round on their own."""
    working = Restriction(WORKDAYS, time(), time())
    weekend = Restriction(WEEKEND, time(), time())
    return Template(
        "week_and_weekend",
        "Week and weekend",
        "From Monday to Friday it hands over every day, and the weekend is one turn of its own.",
        (
            Layer("Week", 1, Rotation(Unit.BUSINESS_DAY, 1, start, people), (working,)),
            Layer("Weekend", 1, Rotation(Unit.WEEK, 1, start, people), (weekend,)),
        ),
        Requirements(hours=ALWAYS),
    )


def off_hours(people: Sets, start: datetime) -> Template:
    """One person has evenings, nights and weekends for a week; in working hours whoever works does."""
    nights = Restriction(WORKDAYS, _DAY[1], _DAY[0])
    weekend = Restriction(WEEKEND, time(), time())
    monday_morning = Restriction(frozenset({0}), time(), _DAY[0])  # the weekend ends at midnight
    restrictions = (nights, weekend, monday_morning)
    return Template(
        "off_hours",
        "Off-hours",
        "One person a week has evenings, nights and weekends; nobody is needed in working hours.",
        (Layer("Off-hours", 1, Rotation(Unit.WEEK, 1, start, people), restrictions),),
        Requirements(hours=restrictions),
    )
