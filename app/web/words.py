"""How moments, durations and states read on a screen: filters for templates, sentences for people.

A moment is shown in the viewer's zone, always with weekday and zone: "Thu 12 Nov, 03:10 GMT".
"""

import re
import unicodedata
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, g, has_request_context

from app import clock
from app.domain.phrase import counted
from app.domain.words import IncidentSeverity, IncidentStatus, Severity
from app.web import icons

ALERT_LEVEL = {Severity.CRITICAL: 1, Severity.ERROR: 2, Severity.WARNING: 3, Severity.INFO: 5}
ALERT_WORD = {s: s.value.capitalize() for s in Severity}
INCIDENT_LEVEL = {severity: number for number, severity in enumerate(IncidentSeverity, start=1)}
INCIDENT_STATUS = {status: status.value.replace("_", " ").capitalize() for status in IncidentStatus}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def zone_named(name: str) -> ZoneInfo:
    """The zone of that name, or UTC when this machine does not know it: a page must still be readable."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def viewer_zone() -> ZoneInfo:
    """The zone of whoever looks: kept on `g` by the edge that knows the person; UTC before sign-in."""
    zone = g.get("viewer_zone") if has_request_context() else None
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo("UTC")


def day(at: datetime, zone: tzinfo | None = None) -> str:
    """ "Thu 12 Nov", with the year only when it is not this one."""
    local = at.astimezone(zone or viewer_zone())
    this_year = clock.now().astimezone(local.tzinfo).year
    year = "" if local.year == this_year else f" {local.year}"
    return f"{WEEKDAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]}{year}"


def hour(at: datetime, zone: tzinfo | None = None) -> str:
    """ "03:10", for beside a fuller moment."""
    return at.astimezone(zone or viewer_zone()).strftime("%H:%M")


def exact(at: datetime, zone: tzinfo | None = None) -> str:
    """ "03:12:51", for things people compare with a log."""
    return at.astimezone(zone or viewer_zone()).strftime("%H:%M:%S")


def zone_word(at: datetime, zone: tzinfo | None = None) -> str:
    """ "GMT", "CET", or "UTC+4" where the zone has no letters of its own."""
    name = at.astimezone(zone or viewer_zone()).strftime("%Z")
    return f"UTC{name[0]}{name[1:].lstrip('0') or '0'}" if re.fullmatch(r"[+-]\d\d", name) else name


def moment(at: datetime, zone: tzinfo | None = None) -> str:
    """ "Thu 12 Nov, 03:10 GMT"."""
    return f"{day(at, zone)}, {hour(at, zone)} {zone_word(at, zone)}"


def weekday_hour(at: datetime, zone: tzinfo | None = None) -> str:
    """ "Thu 03:10", within a week of a fuller moment."""
    return f"{WEEKDAYS[at.astimezone(zone or viewer_zone()).weekday()]} {hour(at, zone)}"


def calendar_day(day: date, with_year: bool = False) -> str:
    """ "Mon 9 Nov" for a day of a calendar, with the year when asked."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}" + (
        f" {day.year}" if with_year else ""
    )


def calendar_month(day: date) -> str:
    """ "Nov 2026"."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def first_name(name: str) -> str:
    """ "Ada" for Ada Okafor: what fits into a bar that has the full name beside it."""
    return name.split(" ", 1)[0]


def lasted(length: timedelta | float) -> str:
    """A duration in at most two units: "48 s", "2 min 40 s", "3 h 10 min", "4 d 2 h". Takes seconds too."""
    seconds = int(length.total_seconds() if isinstance(length, timedelta) else length)
    if seconds < 60:
        return f"{max(seconds, 0)} s"
    for size, unit, smaller_size, smaller in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if seconds >= size:
            rest = seconds % size // smaller_size
            return f"{seconds // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    raise AssertionError("every duration from a minute up has a unit")


def ago(at: datetime) -> str:
    """ "12 s ago"."""
    return f"{lasted(clock.now() - at)} ago"


def countdown(left: timedelta) -> str:
    """ "3:48", never below zero."""
    seconds = max(int(left.total_seconds()), 0)
    return f"{seconds // 60}:{seconds % 60:02d}"


def plain(text: object) -> str:
    """Text from outside on one line: control and direction-changing characters cannot dress it up."""
    return "".join(
        " " if character in "\r\n\t" else character
        for character in str(text)
        if character in "\r\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co")
    )


def initials(name: str) -> str:
    """ "AO" for Ada Okafor; "?" for a name without letters."""
    words = [word for word in re.split(r"[\s.]+", plain(name)) if word]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"


def series(number: int) -> str:
    """The person's colour, one of six, the same on every screen. The initials say who it is."""
    return f"series-{number % 6 + 1}"


def place(zone_name: str) -> str:
    """The city of a zone: "Stockholm" for Europe/Stockholm."""
    return zone_name.rsplit("/", 1)[-1].replace("_", " ")


def local_time(zone_name: str) -> str:
    """ "04:20 in Stockholm": what the clock of somebody there says now."""
    return f"{hour(clock.now(), zone_named(zone_name))} in {place(zone_name)}"


def safe_link(href: object) -> str | None:
    """The address when it is http or https, else None: alert text comes from outside."""
    return href if isinstance(href, str) and re.match(r"https?://[^\s]+\Z", href, re.IGNORECASE) else None


def unbroken(text: str) -> str:
    """The text with every length, and number with its unit, on one line as far as a browser may help it."""
    return _WITHIN.sub("\N{NO-BREAK SPACE}", text)


_WITHIN = re.compile(
    r"(?<=\d) (?=(?:%|min|h|s|d)(?!\w))|(?<=\d [dh]) (?=\d+ (?:h|min)\b)|(?<=\d min) (?=\d+ s\b)"
    r"|(?<=\bn) (?=\d)|(?<=\bp90) (?=\d)"
)

FILTERS = (
    day, calendar_day, calendar_month, first_name, hour, zone_word, exact, moment, weekday_hour, lasted, ago,
    countdown, plain, initials, series, place, local_time, counted, safe_link, unbroken,
)  # fmt: skip


def register(app: Flask) -> None:
    """Teach templates our words and shapes."""
    for filter_ in FILTERS:
        app.jinja_env.filters[filter_.__name__] = filter_
    app.jinja_env.globals.update(
        icon=icons.icon,
        shape=icons.shape,
        now=clock.now,
        ALERT_LEVEL=ALERT_LEVEL,
        ALERT_WORD=ALERT_WORD,
        INCIDENT_LEVEL=INCIDENT_LEVEL,
        INCIDENT_STATUS=INCIDENT_STATUS,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
