"""The source's own time, however it writes it."""

import math
import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

# Before this, a number is not a time in seconds (a year, a date without dashes, a counter), and 0 means "not
# set".
_FIRST_SECOND = 100_000_000  # March 1973
_FIRST_YEAR, _LAST_YEAR = 1971, 2200

_WRITTEN = re.compile(
    r"""(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})
        (?:[Tt\s]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9})\d*)?)?)
        ? (?:\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)
           (?:\s+[A-Za-z+-][A-Za-z0-9:+-]*)?       # Go prints the zone a second time, by name
           (?:\s+m=[+-][\d.]+)?                    # and its monotonic clock
        )?
    """,
    re.VERBOSE | re.ASCII,
)
_NUMBER = re.compile(r"\d{1,20}(?:\.\d{1,20})?", re.ASCII)
_LONGEST = 64


def parse(value: object) -> datetime | None:
    """The moment in UTC, to the microsecond; None for what is absent, zero, year 1 or not a time.

    Accepts RFC 3339 with 0 to 9 fraction digits and `+00:00`, `+0000` or no offset (then UTC), Go's
    `2025-02-15 14:59:03 +0000 UTC`, RFC 5322 dates, and epoch seconds or milliseconds as number or string.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _from_epoch(value)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return _from_epoch(float(text))
    try:
        return _plausible(_from_words(text))
    except (ValueError, OverflowError, TypeError, IndexError):  # the RFC 5322 parser raises all of them
        return None


def _from_epoch(number: float) -> datetime | None:
    if isinstance(number, float) and not math.isfinite(number):
        return None
    if number < _FIRST_SECOND or number >= 10**20:
        return None
    while number >= 10**11:  # milliseconds; then microseconds and nanoseconds, which some agents send
        number /= 1000
    try:
        return _plausible(datetime.fromtimestamp(number, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _from_words(text: str) -> datetime:
    if not text[:1].isdigit() or (match := _WRITTEN.fullmatch(text)) is None:
        moment = parsedate_to_datetime(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    part = match.groupdict()
    return datetime(
        int(part["year"]),
        int(part["month"]),
        int(part["day"]),
        int(part["hour"] or 0),
        int(part["minute"] or 0),
        min(int(part["second"] or 0), 59),  # a leap second is written :60, and datetime has no such second
        int((part["fraction"] or "0").ljust(6, "0")[:6]),
        tzinfo=_zone(part["zone"]),
    )


def _zone(offset: str | None) -> timezone:
    if offset is None or offset[0] not in "+-":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:]) if len(offset) > 3 else 0
    if minutes > 59:
        raise ValueError(f"no such offset: {offset}")
    return timezone((-1 if offset[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def _plausible(moment: datetime) -> datetime | None:
    """The moment in UTC unless it is a zero value in disguise, such as year 1 or 1970."""
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    return moment.astimezone(UTC)
