"""How a swap is spoken of: absolute times with weekday and both zones, real hours, never "tomorrow" (R30)."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from app.domain.fairness import FairnessRules, weigh, weighing_kinds
from app.domain.interval import Interval
from app.domain.swap import hours
from app.domain.zone import spoken, wall_clock


def span_words(span: Interval, zone: ZoneInfo) -> str:
    """ "Sat 28 Nov, 08:00–22:00 GMT", or with both days: "Sat 31 Oct, 18:00 CDT – Sun 1 Nov, 08:00 CST"."""
    start, end = spoken(span.start, zone), spoken(span.end, zone)
    day, _, start_clock = start.partition(", ")
    end_day, _, end_clock = end.partition(", ")
    if day == end_day and start_clock.rpartition(" ")[2] == end_clock.rpartition(" ")[2]:
        return f"{day}, {start_clock.partition(' ')[0]}–{end_clock}"
    return f"{start} – {end}"


def both_zones(span: Interval, zone: ZoneInfo, other: ZoneInfo) -> str:
    """The same hours on the schedule's clock and on a person's, unless the two clocks agree."""
    here, there = span_words(span, zone), span_words(span, other)
    return here if here == there else f"{here} ({there} in {place(other)})"


def place(zone: ZoneInfo) -> str:
    """ "Stockholm" for Europe/Stockholm."""
    return zone.key.rpartition("/")[2].replace("_", " ")


def length_words(span: Interval, zone: ZoneInfo) -> str:
    """Real hours, with a word on a night in which clocks change: "15 h, clocks go back in these hours"."""
    shift = wall_clock(span.end, zone) - wall_clock(span.start, zone) - span.length
    if not shift:
        return hours(span.length)
    return f"{hours(span.length)}, clocks go {'forward' if shift > timedelta() else 'back'} in these hours"


def weight_words(spans: Sequence[Interval], zone: ZoneInfo, rules: FairnessRules) -> str:
    """What the hours count as, and for what: "counts as 30: weekend and night"."""
    words = f"counts as {sum(weigh(each, zone, rules) for each in spans):.0f}"
    kinds = weighing_kinds(spans, zone, rules)
    return f"{words}: {listed(kinds)}" if kinds else words


def whole(spans: Sequence[Interval]) -> timedelta:
    """The real time of several stretches together."""
    return sum((span.length for span in spans), timedelta())


def until_words(span: Interval, zone: ZoneInfo) -> str:
    """ "until Sun 1 Nov, 08:00 CST"."""
    return f"until {spoken(span.end, zone)}"


def listed(names: Sequence[str]) -> str:
    """ "Ben", "Ben and Yuki", "Ben, Yuki and Priya"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
