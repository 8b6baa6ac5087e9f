"""Findings of a check and the difference an edit makes as JSON, hours in UTC and on the schedule's clock."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from app.domain import difference, zone
from app.domain.claims import HORIZON, Finding
from app.domain.interval import Interval
from app.domain.layers import layers_to_json
from app.oncall.preview import Preview
from app.oncall.queries import standing_of
from app.oncall.swap_edits import Affected
from app.web.api.shapes import findings as shapes
from app.web.api.shapes.common import Named
from app.web.api.shapes.oncall import Layer, OnCallPerson, Span

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


def preview(found: Preview) -> shapes.Preview:
    """What an edit would change, with the names of everybody it is about."""
    changed = found.difference
    named = {user_id for each in found.findings for user_id in each.people} | set(changed.loads)
    named |= {id_ for each in found.swaps for id_ in (each.swap.owner_id, each.swap.taker_id) if id_}
    names, tz = standing_of(named, found.start, found.end).names, zone.named(found.draft.time_zone)
    return shapes.Preview(
        start=found.start,
        end=found.end,
        layers=[Layer.model_validate(layer) for layer in layers_to_json(found.draft.layers)],
        changes=[
            shapes.Change(
                start=each.start,
                end=each.end,
                before=_people(each.before, names),
                after=_people(each.after, names),
            )
            for each in changed.changes
        ],
        people=[
            shapes.LoadOf(
                id=str(user_id), name=names.get(user_id, ""), before=_load(before), after=_load(after)
            )
            for user_id, (before, after) in changed.loads.items()
        ],
        moved=[
            shapes.MovedShift(
                id=str(each.user_id),
                name=names.get(each.user_id, ""),
                until_before=each.until_before,
                until_after=each.until_after,
            )
            for each in changed.moved
        ],
        swaps=[_swap(each, names) for each in found.swaps],
        findings=[_finding(each, tz, names) for each in found.findings],
    )


def _people(held: difference.Held, names: Mapping[int, str]) -> list[OnCallPerson]:
    return [OnCallPerson(id=str(user_id), name=names.get(user_id, ""), role=role) for user_id, role in held]


def _load(load: difference.Load) -> shapes.Load:
    hours = [round(each.total_seconds() / 3600, 2) for each in (load.primary, load.backup)]
    return shapes.Load(primary_hours=hours[0], backup_hours=hours[1], weekends=load.weekends)


def _swap(affected: Affected, names: Mapping[int, str]) -> shapes.AffectedSwap:
    swap, moved = affected.swap, affected.touched.moved
    taker = swap.taker_id
    return shapes.AffectedSwap(
        id=str(swap.id),
        owner=Named(id=str(swap.owner_id), name=names.get(swap.owner_id, "")),
        taker=None if taker is None else Named(id=str(taker), name=names.get(taker, "")),
        start=swap.start,
        end=swap.end,
        moved=Span(start=moved.start, end=moved.end) if moved else None,
        fate=affected.fate,
    )
