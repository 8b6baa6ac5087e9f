"""Before an edit is saved: what it changes, for whom, what of swaps becomes of it, and what the check says."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.claims import Finding
from app.domain.difference import Difference, difference
from app.domain.interval import to_the_minute
from app.oncall import swap_edits
from app.oncall.models import Schedule
from app.oncall.proof import Draft, drafted, in_place_of, prove_draft
from app.oncall.queries import rosters

AHEAD = timedelta(days=90)


@dataclass(frozen=True)
class Preview:
    """What an edit of a schedule would change in [start, end). `draft` is what would be saved: where people
    come or go, its rotations begin elsewhere, so that no running shift moves (R14).
    """

    start: datetime
    end: datetime
    draft: Draft
    difference: Difference
    swaps: tuple[swap_edits.Affected, ...]
    findings: tuple[Finding, ...]


def preview(schedule: Schedule, draft: Draft, *, at: datetime) -> Preview:
    """The edit from the schedule as it is to `draft`, over the next 90 days; nothing is saved."""
    start = to_the_minute(at)
    end = start + AHEAD
    draft = in_place_of(schedule, draft, at=at)
    roster = rosters(start, end, schedule_ids=[schedule.id])[schedule.id]
    after = drafted(draft, roster, start, end)
    touched = swap_edits.affected_by(schedule, swap_edits.before_edit(schedule, at=at), at=at, after=after)
    return Preview(
        start,
        end,
        draft,
        difference(roster.config, after, start, end),
        tuple(touched),
        prove_draft(draft, schedule, at=at),
    )
