"""Layers for the usual ways to share on-call, to start from: whoever takes one changes what they like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from app.domain import zone
from app.domain.claims import ALWAYS, Requirements
from app.domain.hours import Restriction
from app.domain.layer import Layer
from app.domain.rotation import Rotation, Unit

Sets = tuple[tuple[int, ...], ...]
Places = tuple[tuple[str, Sets], ...]  # a zone, and who lives there
WORKDAYS, WEEKEND, EVERY_DAY = frozenset(range(5)), frozenset({5, 6}), frozenset(range(7))
_DAY = time(9), time(17)
_MORNING = datetime(2026, 1, 1, 8)  # noqa: DTZ001 - of any day
SUN = ("Europe/London", "America/Los_Angeles", "Asia/Singapore")  # eight hours each


@dataclass(frozen=True)
class Template:
    """A schedule to start from. `sentence` says what it is for."""

    key: str
    title: str
    sentence: str
    layers: tuple[Layer, ...]
    requirements: Requirements


def dealt(people: Sets, zones: Sequence[str]) -> Places:
    """The people shared out among these zones, one after the other."""
    return tuple((name, people[number :: len(zones)] or people) for number, name in enumerate(zones))


def own_places(people: Sets, homes: Mapping[int, str], start: datetime) -> Places:
    """The people by the zones they live in, those whose clocks show the same at `start` together; none where
    all live by one clock. A set lives where its primary does.
    """
    found: dict[timedelta, tuple[str, list[tuple[int, ...]]]] = {}
    for turn in people:
        home = homes[turn[0]]
        found.setdefault(_ahead(home, start), (home, []))[1].append(turn)
    return tuple((home, tuple(turns)) for home, turns in found.values()) if len(found) > 1 else ()


def templates(people: Sets, start: datetime, places: Places) -> tuple[Template, ...]:
    """All of them, for these people in turns from `start`, a wall clock. `places`: who has which place's day,
    for follow-the-sun.
    """
    return (
        weekly(people, start),
        follow_the_sun(places, start),
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


def follow_the_sun(places: Places, start: datetime) -> Template:
    """The day is shared among places: each has it on its own clock, from eight in its morning until it is eight
    in the next place's.
    """
    westward = sorted(places, key=lambda place: -_ahead(place[0], start))
    layers = tuple(
        Layer(
            name.rpartition("/")[2].replace("_", " "),
            1,
            Rotation(Unit.WEEK, 1, start, turns),
            (
                Restriction(
                    EVERY_DAY,
                    _MORNING.time(),
                    (_MORNING + _ahead(name, start) - _ahead(following, start)).time(),
                ),
            ),
            name,
        )
        for (name, turns), (following, _) in zip(westward, [*westward[1:], *westward[:1]], strict=True)
    )
    return Template(
        "follow_the_sun",
        "Follow the sun",
        "Each place has the pager from its own morning until the next place’s. Zones change their clocks on"
        " different days; the check names the hours that this leaves empty.",
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


def _ahead(name: str, wall: datetime) -> timedelta:
    """How far a zone's clock is ahead of UTC when it shows `wall`."""
    return wall - zone.instant(wall, zone.named(name)).replace(tzinfo=None)
