"""Numbers in the words people use on a phone at night."""

from collections.abc import Mapping
from math import isfinite, isnan

import pandas as pd

_DAY, _HOUR = 1440, 60


def duration(minutes: float | None) -> str:
    """``2.667`` -> "2 min 40 s", ``65`` -> "1 h 5 min", ``3000`` -> "2 d 2 h"; NaN -> "not known".

    Two units at most; the second is dropped where it would be noise (from 10 of the first).
    """
    if minutes is None or isnan(minutes):
        return "not known"
    if not isfinite(minutes):
        return "no end"
    if minutes < 0:
        return f"minus {duration(-minutes)}"
    seconds = round(minutes * 60)
    if seconds < 600:
        return _pair(seconds, 60, "min", "s")
    whole = round(seconds / 60)
    if whole < 10 * _HOUR:
        return _pair(whole, 60, "h", "min")
    hours = round(whole / 60)
    if hours < 10 * 24:
        return _pair(hours, 24, "d", "h")
    return f"{round(hours / 24)} d"


def _pair(amount: int, size: int, large: str, small: str) -> str:
    first, rest = divmod(amount, size)
    if not first:
        return f"{rest} {small}"
    return f"{first} {large} {rest} {small}" if rest else f"{first} {large}"


def interval(low: float, high: float) -> str:
    """ "2 min to 3 min"; an end that is not reached is said."""
    if isnan(low) and isnan(high):
        return "no interval yet"
    if isnan(high):
        return f"from {duration(low)}, no upper end yet"
    if isnan(low):
        return f"up to {duration(high)}"
    return f"{duration(low)} to {duration(high)}"


def share(value: float) -> str:
    """``0.314`` -> "31 %"; never "0 %" or "100 %" of what is only nearly so."""
    if isnan(value):
        return "not known"
    if 0 < value < 0.005:
        return "under 1 %"
    if 0.995 < value < 1:
        return "over 99 %"
    return f"{value:.0%}".replace("%", " %")


def amount(value: float) -> str:
    """``12.34`` -> "12", ``0.0123`` -> "0.012", ``1249.6`` -> "1,250": two digits that count, all from 100 on,
    and never an exponent.
    """
    if isnan(value):
        return "not known"
    if 0 < value < 0.0001:
        return "under 0.0001"
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.2g}"


def count(n: int, noun: str) -> str:
    """ "1 incident", "24,918 incidents"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def span(days: float) -> str:
    """ "12 weeks", "10 days": whole weeks from two on as weeks."""
    whole = round(days)
    return count(whole // 7, "week") if whole >= 14 and whole % 7 == 0 else count(whole, "day")


def moment(at: pd.Timestamp, zone: str) -> str:
    """ "Thu 12 Nov 2026, 10:04 GMT" in `zone`."""
    local = at.tz_convert(zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M} {local.tzname()}"


def day(at: pd.Timestamp, zone: str) -> str:
    """ "12 Nov 2026" in `zone`."""
    local = at.tz_convert(zone)
    return f"{local.day} {local:%b %Y}"


def listed(ids: list[str], limit: int = 5) -> str:
    """ "INC7, INC9 and 12 more"."""
    shown, rest = ids[:limit], len(ids) - limit
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def reasons(counts: Mapping[str, int]) -> str:
    """ "4 maintenance, 1 merged"; "nothing" of none."""
    return ", ".join(f"{n:,} {reason}" for reason, n in counts.items() if n) or "nothing"


def chance(p: float) -> str:
    """How likely luck alone would have done it, with its letter: "p 0.031", "p under 0.001"."""
    return "p under 0.001" if p < 0.001 else f"p {p:.3f}"


def why_not(value: float, reason: str) -> str:
    """`reason` where a number is not defined; empty where it is."""
    return reason if isnan(value) else ""
