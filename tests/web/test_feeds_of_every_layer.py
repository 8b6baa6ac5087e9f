"""R29: what a calendar program makes of a feed is what the resolver says, whatever kind of layers it has, over
two clock changes of each of two zones.
"""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import icalendar
import pytest
import recurring_ical_events
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import transaction
from app.oncall import feeds, override, queries, schedules
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.support.oncall import layer_json, utc

EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WORKDAYS = EVERY_DAY[:5]
# Chicago goes back on 1 November 2026 and forward on 14 March 2027; London on 25 October and 28 March
NOW = utc("2026-09-15 12:00")
OF_THE_FEED = utc("2026-08-01 00:00"), utc("2027-04-01 00:00")
ADA, BEN, DAN = "Ada", "Ben", "Dan"
Layers = list[dict[str, Any]]


def layer(name: str, *people: str, unit: str = "week", start: str = "2026-08-03T09:00", **changes: Any) -> Any:
    """A layer that names people by their names."""
    rotation = {"unit": unit} | changes.pop("rotation", {})
    made = layer_json(start, [[each] for each in people], **({"name": name} | changes))
    return made | {"rotation": made["rotation"] | rotation}


def hours(start: str, end: str, weekdays: list[str] = EVERY_DAY) -> dict[str, Any]:
    return {"weekdays": weekdays, "start": start, "end": end}


BASE = layer("Base", ADA, BEN, priority=0)
KINDS: dict[str, dict[str, Any]] = {
    "hours across midnight": {
        "layers": [BASE, layer("Nights", DAN, ADA, unit="day", restrictions=[hours("22:00", "07:00")])]
    },
    "hours that end in the hour that repeats": {
        "layers": [layer("Early", ADA, BEN, unit="day", restrictions=[hours("00:30", "01:30")])]
    },
    "hours that begin in the hour that is left out": {
        "layers": [BASE, layer("Late", DAN, restrictions=[hours("02:30", "05:00", ["sat", "sun", "mon"])])]
    },
    "a weekend": {
        "layers": [BASE, layer("Weekend", DAN, restrictions=[hours("00:00", "00:00", ["sat", "sun"])])]
    },
    "business days with holidays": {
        "layers": [
            layer("Days", ADA, BEN, DAN, unit="business_day",
                  rotation={"holidays": ["2026-12-25", "2027-01-01"]})
        ]
    },
    "by the month, on the 31st": {"layers": [layer("Month", ADA, BEN, unit="month", start="2026-08-31T09:00")]},
    "by the hour": {
        "layers": [
            BASE, layer("Shifts", ADA, BEN, DAN, unit="hour", rotation={"length": 8}, priority=2,
                        restrictions=[hours("00:00", "12:00", ["sun"])]),
        ]
    },
    "follow the sun": {
        "layers": [
            layer("London", ADA, time_zone="Europe/London", restrictions=[hours("08:00", "20:00")]),
            layer("Chicago", BEN, restrictions=[hours("14:00", "02:00")]),
        ]
    },
    "a temporary schedule over the night of the change": {
        "layers": [BASE],
        "temporary": [
            {"name": "Move", "start": "2026-10-30T09:00", "end": "2026-11-02T09:00",
             "holes_are_intended": False,
             "layers": [layer("Move", DAN, restrictions=[hours("18:00", "08:00")])]},
            {"name": "Freeze", "start": "2027-03-13T00:00", "end": "2027-03-15T00:00",
             "holes_are_intended": True,
             "layers": [layer("Freeze", DAN, restrictions=[hours("02:30", "20:00")])]},
        ],
    },
}  # fmt: skip


@pytest.fixture
def cast(app: APIFlask, clock: TestClock) -> Cast:
    clock.moment = NOW
    with transaction():
        return Cast()


@pytest.mark.parametrize("kind", KINDS)
def test_R29_a_calendar_program_shows_exactly_the_resolvers_shifts(
    client: FlaskClient, cast: Cast, clock: TestClock, kind: str
) -> None:
    ids = {user.name: user.id for user in (cast.ada, cast.ben, cast.dan)}
    with transaction():
        schedule = schedules.create(
            name="Primary", team_id=cast.payments.id, time_zone="America/Chicago", by=cast.mara, at=clock(),
            override_reason="for its feed", **_with_ids(KINDS[kind], ids),
        )  # fmt: skip
        _, token = feeds.create(cast.mara, schedule, at=clock())
        override.add(
            schedule_id=schedule.id, start=utc("2026-11-01 05:30"), end=utc("2026-11-01 07:30"), by=cast.mara,
            user_id=cast.cleo.id, replaces_user_id=cast.ada.id, at=clock(),
        )  # fmt: skip
    data = client.get(f"/calendar/{token}.ics").data
    shown = _in_a_calendar_program(data)
    expected = list(_resolved(schedule.id))
    assert shown == expected
    assert len(expected) > 5
    assert all(one[1] <= other[0] for one, other in pairwise(shown)), "no hour stands there twice"


def _with_ids(kind: dict[str, Any], ids: dict[str, int]) -> dict[str, Any]:
    """Names as the ids of this database."""

    def one(layer: dict[str, Any]) -> dict[str, Any]:
        sets = [[ids[name] for name in each] for each in layer["rotation"]["participants"]]
        return layer | {"rotation": layer["rotation"] | {"participants": sets}}

    temporary = [
        each | {"layers": [one(layer) for layer in each["layers"]]} for each in kind.get("temporary", [])
    ]
    return {"layers": [one(layer) for layer in kind["layers"]], "temporary": temporary}


def _in_a_calendar_program(data: bytes) -> list[tuple[datetime, datetime, str]]:
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(
        date(2026, 7, 1), date(2027, 12, 1)
    )
    shown = [event for event in found if event.get("STATUS") != "CANCELLED"]
    return sorted((event["DTSTART"].dt, event["DTEND"].dt, str(event["SUMMARY"])) for event in shown)


def _resolved(schedule_id: int) -> Iterator[tuple[datetime, datetime, str]]:
    """Neighbours with the same people, for whatever reasons, are one event."""
    held, _ = queries.shifts(schedule_id, *OF_THE_FEED)
    last: tuple[datetime, datetime, str] | None = None
    for shift in held:
        title = "Primary: " + " and ".join(person.name for person in shift.people)
        if last and last[1:] == (shift.start, title):
            last = (last[0], shift.end, title)
            continue
        if last:
            yield last
        last = (shift.start, shift.end, title)
    if last:
        yield last
