"""Calendars that cannot be used: each is refused whole, with the reason in words."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.oncall.calendar_in import UnreadableCalendar, entries
from tests.oncall.test_calendar_import import event, ics
from tests.support.oncall import utc

YEAR: dict[str, Any] = {
    "zone": ZoneInfo("America/Chicago"), "start": utc("2026-01-01 00:00"), "end": utc("2027-01-01 00:00"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"BEGIN:VCALENDAR\r\n" + b"X" * 5 * 1024 * 1024, "The file is over 5 MB.", id="5 MB"),
        pytest.param(
            b"BEGIN:VCALENDAR\r\n" * 100_000, "Calendars are nested in one another too deeply.", id="in itself"
        ),
        pytest.param(
            ics(event("20261112T090000Z", "20261112T100000Z") + "\nRRULE:FREQ=SECONDLY"),
            "“Ada” repeats more often than daily.", id="every second",
        ),
        pytest.param(
            ics(event("20261112T090000Z", "20261112T080000Z")), "“Ada” ends before it begins.", id="turned",
        ),
        pytest.param(
            ics(*[event("20260101T090000Z", "20260101T100000Z") + "\nRRULE:FREQ=DAILY"] * 14),
            "More than 5000 events in these months.", id="without end",
        ),
    ],
)  # fmt: skip
def test_a_calendar_that_is_too_large_recursive_or_without_end_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableCalendar) as refused:
        entries(data, **YEAR)
    assert str(refused.value) == words


def test_a_calendar_with_windows_names_of_zones_is_read_and_with_unknown_ones_refused() -> None:
    central = event("20261112T090000", "20261112T170000", params=";TZID=Central Standard Time")
    assert [one.start for one in entries(ics(central), **YEAR)] == [utc("2026-11-12 15:00")]
    nowhere = event("20261112T090000", "20261112T170000", params=";TZID=Olympus Standard Time")
    with pytest.raises(UnreadableCalendar) as refused:
        entries(ics(nowhere), **YEAR)
    assert str(refused.value) == "“Ada” is in the time zone “Olympus Standard Time”, which is not known here."
