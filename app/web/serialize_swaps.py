"""JSON for swaps, made once, as `serialize` does for the other nouns."""

from collections.abc import Sequence

from app.domain.candidates import Balance
from app.domain.swap import SwapRules
from app.domain.swap_checks import Finding
from app.oncall import models
from app.oncall.swap_candidates import Candidates
from app.oncall.swap_state import agreed
from app.oncall.time_off_conflicts import Conflict
from app.people.models import User
from app.web.api.shapes import oncall as oncall_shapes
from app.web.api.shapes import swaps as shapes
from app.web.api.shapes.common import Named
from app.web.api.shapes.oncall import Span


def swap(row: models.Swap) -> shapes.Swap:
    hours = agreed(row)
    return shapes.Swap(
        id=str(row.id), schedule=Named(id=str(row.schedule_id), name=row.schedule.name), mode=row.mode,
        state=row.state, owner=_named(row.owner), requester=_named(row.requester),
        taker=_or_none(row.taker), start=row.start, end=row.end,
        pieces=[Span(start=each.start, end=each.end) for each in hours],
        hours=sum(each.length.total_seconds() for each in hours) / 3600,
        in_return=None if row.return_start is None or row.return_end is None
        else Span(start=row.return_start, end=row.return_end),
        asked=[str(each) for each in row.asked], declined=[str(each) for each in row.declined],
        offers=[offer(each) for each in row.offers], note=row.note, because=row.because,
        accepted_at=row.accepted_at, approved_at=row.approved_at, approved_by=_or_none(row.approved_by),
        part_of=_id(row.part_of_id), releases=_id(row.releases_id), handed_on_to=_id(row.handed_on_to_id),
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def offer(row: models.SwapOffer) -> shapes.Offer:
    return shapes.Offer(
        id=str(row.id), user=_named(row.user), start=row.start, end=row.end, note=row.note, state=row.state,
        created_at=row.created_at,
    )  # fmt: skip


def conflicts(found: Sequence[Conflict]) -> oncall_shapes.Conflicts:
    return oncall_shapes.Conflicts(
        items=[
            oncall_shapes.Conflict(
                schedule=Named(id=str(each.schedule.id), name=each.schedule.name), start=each.hours.start,
                end=each.hours.end, gaps=[Span(start=gap.start, end=gap.end) for gap in each.gaps],
                suggested=[Named(id=str(user_id), name=name) for user_id, name in each.suggested],
            )
            for each in found
        ],
        next_cursor=None,
    )  # fmt: skip


def candidates(found: Candidates) -> shapes.Candidates:
    return shapes.Candidates(
        items=[
            shapes.Candidate(
                user=Named(id=str(each.user_id), name=each.name), balance=_balance(each.balance),
                cannot=_findings(each.cannot), warned=_findings(each.warned), proven_at=each.proven_at,
            )
            for each in found.people
        ],
        hours=sum(each.length.total_seconds() for each in found.hours) / 3600, weighted=found.weighted,
        owner=_balance(found.owner), median=found.median, next_cursor=None,
    )  # fmt: skip


def swap_rules(row: models.SwapRules | None) -> shapes.SwapRules:
    """The row, or the rules that hold where there is none."""
    if row is None:
        rest = SwapRules().rest.total_seconds() / 3600
        return shapes.SwapRules(rest_hours=int(rest), eligible=[])
    return shapes.SwapRules(
        needs_approval=row.needs_approval, rest_hours=row.rest_hours,
        eligible=[str(each) for each in row.eligible], auto_hours_ahead=row.auto_hours_ahead,
        auto_rest_kept=row.auto_rest_kept, auto_on_roster=row.auto_on_roster,
    )  # fmt: skip


def _balance(row: Balance) -> shapes.Balance:
    return shapes.Balance(before=row.before, after=row.after)


def _findings(found: Sequence[Finding]) -> list[shapes.Finding]:
    return [shapes.Finding(check=each.check, says=each.says) for each in found]


def _named(row: User) -> Named:
    return Named(id=str(row.id), name=row.name)


def _or_none(row: User | None) -> Named | None:
    return None if row is None else _named(row)


def _id(number: int | None) -> str | None:
    return None if number is None else str(number)
