"""Findings of a check as JSON: the sentences, with the hours in UTC and on the schedule's clock."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from app.domain import zone
from app.domain.claims import HORIZON, Finding
from app.domain.interval import Interval
from app.oncall.queries import standing_of
from app.web.api.shapes import findings as shapes
from app.web.api.shapes.common import Named

MOST_INTERVALS = 50  # of one finding


def findings(found: Iterable[Finding], start: datetime, tz: ZoneInfo) -> shapes.Findings:
    """What was found about a schedule in zone `tz` over the horizon from `start`."""
    found = list(found)
    end = start + HORIZON
    names = standing_of({user_id for each in found for user_id in each.people}, start, end).names
    return shapes.Findings(
        start=start, end=end, items=[_finding(each, tz, names) for each in found], next_cursor=None
    )


def _finding(finding: Finding, tz: ZoneInfo, names: Mapping[int, str]) -> shapes.Finding:
    return shapes.Finding(
        claim=finding.claim,
        level=finding.level,
        sentence=finding.sentence,
        people=[Named(id=str(user_id), name=names.get(user_id, "")) for user_id in finding.people],
        times=len(finding.intervals),
        intervals=[_span(each, tz) for each in finding.intervals[:MOST_INTERVALS]],
    )


def _span(interval: Interval, tz: ZoneInfo) -> shapes.LocalSpan:
    return shapes.LocalSpan(
        start=interval.start,
        end=interval.end,
        local_start=zone.spoken(interval.start, tz),
        local_end=zone.spoken(interval.end, tz),
    )
