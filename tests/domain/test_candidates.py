"""Who is asked first, and what an hour weighs."""

from zoneinfo import ZoneInfo

import pytest

from app.domain.candidates import Balance, Candidate, middle, ranked
from app.domain.fairness import FairnessRules, weigh
from app.domain.interval import Interval
from app.domain.swap_checks import Check, Finding
from tests.support.oncall import utc

CHICAGO, LONDON = ZoneInfo("America/Chicago"), ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("start", "end", "zone", "weighs"),
    [
        ("2026-11-10 09:00", "2026-11-10 10:00", LONDON, 1.0),
        ("2026-11-10 17:00", "2026-11-10 23:00", LONDON, 1 + 4 * 1.5 + 2),
        ("2026-11-28 08:00", "2026-11-28 22:00", LONDON, 28.0),  # a Saturday, as in the picture
        # Saturday 18:00 to Sunday 08:00 in the night with 25 hours
        ("2026-10-31 23:00", "2026-11-01 14:00", CHICAGO, 30.0),
        # Sunday 23:00 to Monday 09:00: an hour of weekend, eight of night, one of day
        ("2026-11-08 23:00", "2026-11-09 09:00", LONDON, 2 + 16 + 1),
    ],
)
def test_D9_an_hour_weighs_by_when_it_is_lived(start: str, end: str, zone: ZoneInfo, weighs: float) -> None:
    assert weigh(Interval(utc(start), utc(end)), zone, FairnessRules()) == pytest.approx(weighs)


def person(name: str, after: float, *, cannot: bool = False, warned: bool = False) -> Candidate:
    return Candidate(
        len(name), name, Balance(after - 10, after),
        (Finding(Check.AWAY, "Away."),) if cannot else (),
        (Finding(Check.UNPROVEN, "Unproven."),) if warned else (), None,
    )  # fmt: skip


def test_D9_the_fairest_come_first_the_warned_later_and_those_who_cannot_last() -> None:
    people = [
        person("Dan", 1, cannot=True),
        person("Priya", 5, warned=True),
        person("Yuki", 92),
        person("Ben", 66),
    ]
    assert [each.name for each in ranked(people)] == ["Ben", "Yuki", "Priya", "Dan"]
    assert ranked(people[::-1]) == ranked(people)


def test_D9_the_median_of_nobody_is_nothing() -> None:
    assert (middle([38, 71, 92]), middle([])) == (71, 0)
