"""What a schedule asks of swaps: approval, rest, who besides its own people may take hours."""

from collections.abc import Sequence
from datetime import datetime

from app.database import db
from app.domain.invalid import Faults
from app.domain.timeline import Kind, Subject
from app.oncall import checks
from app.oncall.models import Schedule, SwapRules
from app.people.models import User
from app.timeline.record import record

MOST_REST, MOST_AHEAD = 24, 24 * 90  # hours


def set_rules(
    schedule: Schedule,
    *,
    needs_approval: bool,
    rest_hours: int,
    eligible: Sequence[int],
    auto_hours_ahead: int | None,
    auto_rest_kept: bool,
    auto_on_roster: bool,
    by: User,
    at: datetime,
) -> SwapRules:
    """Put other rules in place; swaps accepted from now on follow them. Raises InvalidField."""
    faults = Faults()
    faults.whole_number(rest_hours, "/rest_hours", 0, MOST_REST)
    if auto_hours_ahead is not None:
        faults.whole_number(auto_hours_ahead, "/auto_hours_ahead", 0, MOST_AHEAD)
    checks.people_exist([(f"/eligible/{place}", user_id) for place, user_id in enumerate(eligible)], faults)
    faults.stop_if_any()
    columns = {
        "needs_approval": needs_approval, "rest_hours": rest_hours, "eligible": sorted(set(eligible)),
        "auto_hours_ahead": auto_hours_ahead, "auto_rest_kept": auto_rest_kept,
        "auto_on_roster": auto_on_roster,
    }  # fmt: skip
    row = db.session.get(SwapRules, schedule.id)
    if row is None:
        row = SwapRules(schedule_id=schedule.id)
        db.session.add(row)
    for name, value in columns.items():
        setattr(row, name, value)
    row.updated_at = at
    db.session.flush()
    record(Kind.CHANGED, Subject.SCHEDULE, schedule.id, at=at, by=by, swap_rules=columns)
    return row
