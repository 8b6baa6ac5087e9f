"""Who carried what on a schedule, from the book where it is kept and from the rules where it is not yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.database import db
from app.domain import fairness
from app.domain.fairness import FairnessRules, Report
from app.domain.interval import Interval, to_the_minute
from app.domain.timeline import Kind, Subject
from app.oncall import ledger
from app.oncall.models import FairnessRules as Row
from app.oncall.models import Schedule
from app.oncall.queries import rosters
from app.paging.queries import pages_between
from app.people.models import User
from app.timeline.record import record


@dataclass(frozen=True)
class Fairness:
    """A report with the names of everybody in it."""

    report: Report
    names: Mapping[int, str]


def rules_of(schedule_id: int) -> FairnessRules:
    """What hours weigh on this schedule."""
    row = db.session.get(Row, schedule_id)
    return FairnessRules() if row is None else fairness.parse_rules(row.weights, row.holidays)


def of_schedule(schedule: Schedule, window: Interval) -> Fairness:
    """The loads of all who take turns as a primary, and of whoever else had it in the window.

    It begins with the schedule: of hours before it was made nobody had any.
    """
    begins = to_the_minute(schedule.created_at)
    roster = rosters(window.start, window.end, schedule_ids=[schedule.id])[schedule.id]
    turns = {people[0] for layer in roster.config.layers for people in layer.rotation.participants if people}
    report = fairness.report(
        ledger.pieces(schedule, roster.config, max(window.start, begins), window.end),
        pages_between(set(roster.names), window.start, window.end),
        roster=turns & roster.config.active_users, zone=roster.config.zone, rules=rules_of(schedule.id),
    )  # fmt: skip
    return Fairness(report, roster.names)


def change_rules(
    schedule: Schedule,
    *,
    weights: Mapping[str, object],
    holidays: Sequence[object],
    by: User,
    at: datetime,
) -> FairnessRules:
    """Weigh hours otherwise, in every report from now on, also of the past. Raises InvalidField."""
    rules = fairness.parse_rules(weights, holidays)
    kept = {str(kind): weight for kind, weight in rules.weights.items()}
    days = sorted(day.isoformat() for day in rules.holidays)
    columns = {"weights": kept, "holidays": days}
    row = db.session.get(Row, schedule.id)
    before = None if row is None else {"weights": row.weights, "holidays": row.holidays}
    if before == columns:
        return rules
    if row is None:
        row = Row(schedule_id=schedule.id)
        db.session.add(row)
    row.weights, row.holidays, row.updated_at = kept, days, at
    db.session.flush()
    record(
        Kind.CHANGED, Subject.SCHEDULE, schedule.id, at=at, by=by, before={"fairness": before},
        after={"fairness": columns},
    )  # fmt: skip
    return rules
