"""A foreign calendar, read: what is in it between two moments, each with who it names.

The file is whatever somebody's program wrote: it is bounded in size, in number and in how often it may repeat
before anything of it is expanded. All-day events run from local midnight to local midnight; a time without a
zone is one of the zone given; an end is reckoned on the wall clock, so that 09:00 to 09:00 over a clock change
is 23 or 25 hours.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from app.domain import zone as zones

if TYPE_CHECKING:  # two large libraries, read with the first calendar that comes in
    import icalendar

LARGEST = 5 * 1024 * 1024  # bytes
MOST_EVENTS = 5_000  # in the file, and again once what repeats is written out
DEEPEST = 8  # calendars within calendars
LONGEST_TITLE = 300
TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}


class UnreadableCalendar(ValueError):
    """The file cannot be used; says why to whoever brought it."""


@dataclass(frozen=True)
class Entry:
    """One event: `title`, and the addresses it invites. `start` and `end` in UTC."""

    start: datetime
    end: datetime
    title: str
    emails: tuple[str, ...]


def entries(data: bytes, *, zone: ZoneInfo, start: datetime, end: datetime) -> list[Entry]:
    """Everything in [start, end), in order; cancelled events left out. Raises UnreadableCalendar."""
    import recurring_ical_events

    calendar = _read(data)
    try:
        found = recurring_ical_events.of(calendar, skip_bad_series=False).between(start, end)
        listed = [_entry(event, zone) for event in islice(found, MOST_EVENTS + 1)]
    except UnreadableCalendar:
        raise
    except Exception as error:
        # whatever a hostile or broken file makes two libraries raise: it is the file's fault, and said so
        raise UnreadableCalendar(
            f"What repeats in this calendar cannot be read ({type(error).__name__})."
        ) from error
    if len(listed) > MOST_EVENTS:
        raise UnreadableCalendar(f"More than {MOST_EVENTS} events in these months.")
    kept = (entry for entry in listed if entry is not None and entry.end > start and entry.start < end)
    return sorted(kept, key=lambda entry: (entry.start, entry.end, entry.title))


def whole_days(data: bytes, *, zone: ZoneInfo, first: date, last: date) -> dict[date, str]:
    """The local days from `first` to `last` that an event covers from midnight to midnight, in order, each with
    the event's title. Raises UnreadableCalendar.
    """
    one = timedelta(days=1)

    def midnight(day: date) -> datetime:
        return zones.instant(datetime.combine(day, time()), zone)

    found: dict[date, str] = {}
    for entry in entries(data, zone=zone, start=midnight(first), end=midnight(last + one)):
        day = zones.wall_clock(max(entry.start, midnight(first)), zone).date()
        while day <= last and midnight(day + one) <= entry.end:
            if midnight(day) >= entry.start:
                found.setdefault(day, entry.title)
            day += one
    return dict(sorted(found.items()))


def _read(data: bytes) -> "icalendar.Calendar":
    import icalendar

    if len(data) > LARGEST:
        raise UnreadableCalendar("The file is over 5 MB.")
    depth = deepest = 0
    for line in data.splitlines():
        word = line.strip().upper()
        depth += word.startswith(b"BEGIN:") - word.startswith(b"END:")
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise UnreadableCalendar("Calendars are nested in one another too deeply.")
    if data.upper().count(b"BEGIN:VEVENT") > MOST_EVENTS:
        raise UnreadableCalendar(f"More than {MOST_EVENTS} events.")
    try:
        calendar = icalendar.Calendar.from_ical(data)
    except Exception as error:
        raise UnreadableCalendar("This is not a calendar file (iCalendar, .ics).") from error
    for event in calendar.walk("VEVENT"):
        rule = event.get("RRULE")
        for one in rule if isinstance(rule, list) else [rule]:
            often = one.get("FREQ", []) if isinstance(one, icalendar.vRecur) else []
            if {str(word).upper() for word in often} & TOO_OFTEN:
                raise UnreadableCalendar(f"“{_title(event)}” repeats more often than daily.")
        if unknown := _unknown_zone(event):
            raise UnreadableCalendar(
                f"“{_title(event)}” is in the time zone “{unknown[:60]}”, which is not known here."
            )
        if _ends_early(event):
            raise UnreadableCalendar(f"“{_title(event)}” ends before it begins.")
    return calendar


def _unknown_zone(event: Any) -> str | None:
    """A zone that the event names and nobody knows: its times come without one, as if they were local ones."""
    for name in ("DTSTART", "DTEND", "RDATE", "EXDATE"):
        held = event.get(name, [])
        for one in held if isinstance(held, list) else [held]:
            times = [getattr(each, "dt", None) for each in getattr(one, "dts", [one])]
            zone = one.params.get("TZID") if hasattr(one, "params") else None
            if zone and any(isinstance(each, datetime) and each.tzinfo is None for each in times):
                return str(zone)
    return None


def _ends_early(event: Any) -> bool:
    try:
        return bool(event["DTEND"].dt < event["DTSTART"].dt)
    except (KeyError, AttributeError, TypeError):
        return False  # times of different kinds, or none: told when they are read


def _entry(event: Any, zone: ZoneInfo) -> Entry | None:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    begins = event["DTSTART"].dt
    ends = event["DTEND"].dt if "DTEND" in event else begins + _length(event, begins)
    start, end = _instant(begins, zone), _instant(ends, zone)
    if end <= start:
        return None  # a reminder, not hours
    guests = event.get("ATTENDEE", [])
    guests = guests if isinstance(guests, list) else [guests]
    emails = tuple(str(guest).lower().removeprefix("mailto:") for guest in guests)
    return Entry(start, end, _title(event), emails)


def _length(event: Any, begins: date) -> timedelta:
    if "DURATION" in event:
        length: timedelta = event["DURATION"].dt
        return length
    return timedelta(0) if isinstance(begins, datetime) else timedelta(days=1)


def _instant(value: date, zone: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        return zones.instant(datetime.combine(value, time()), zone)
    if value.tzinfo is None:
        return zones.instant(value, zone)
    return value.astimezone(UTC)


def _title(event: Any) -> str:
    return " ".join(str(event.get("SUMMARY", "An event without a title")).split())[:LONGEST_TITLE]
