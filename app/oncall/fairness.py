"""Who carried what on a schedule, from the book where it is kept and from the rules where it is not yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from app.database import db
from app.domain import fairness
from app.domain import zone as zones
from app.domain.fairness import MOST_HOLIDAYS, USUAL_WEIGHTS, FairnessRules, HourKind, Report
from app.domain.interval import Interval, to_the_minute
from app.domain.timeline import Kind, Subject
from app.oncall import ledger
from app.oncall.calendar_in import UnreadableCalendar, whole_days
from app.oncall.models import FairnessRules as Row
from app.oncall.models import Schedule, UsualWeights
from app.oncall.queries import rosters
from app.paging.queries import pages_between
from app.people.models import User
from app.timeline.record import record

YEAR = timedelta(days=366)
MOST_IMPORTED = MOST_HOLIDAYS // 4  # of two years, and again of those before


@dataclass(frozen=True)
class Fairness:
    """A report with the names of everybody in it."""

    report: Report
    names: Mapping[int, str]


def rules_of(schedule_id: int) -> FairnessRules:
    """What hours weigh on this schedule: its own weights over the organisation's; its holidays are those typed
    and those imported.
    """
    row = db.session.get(Row, schedule_id)
    if row is None:
        return FairnessRules(usual_weights())
    typed = fairness.parse_rules(row.weights, row.holidays, usual=usual_weights())
    return replace(typed, holidays=typed.holidays | {date.fromisoformat(day) for day in row.imported_holidays})


def usual_weights() -> Mapping[HourKind, float]:
    """What hours weigh wherever a schedule says nothing else."""
    row = db.session.get(UsualWeights, 1)
    return {**USUAL_WEIGHTS, **(fairness.parse_weights(row.weights) if row is not None else {})}


def own_weights(schedule_id: int) -> Mapping[HourKind, float]:
    """What this schedule says itself; it follows the organisation in the others."""
    row = db.session.get(Row, schedule_id)
    return {} if row is None else fairness.parse_weights(row.weights)


def typed_holidays(schedule_id: int) -> list[str]:
    """The days that somebody wrote down, as 2026-12-25, in order."""
    row = db.session.get(Row, schedule_id)
    return [] if row is None else [str(day) for day in row.holidays]


def imported_holidays(schedule_id: int) -> dict[date, str]:
    """The days that came from a calendar, in order, with what it calls them."""
    row = db.session.get(Row, schedule_id)
    named = {} if row is None else row.imported_holidays
    return {date.fromisoformat(day): str(named[day]) for day in sorted(named)}


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
    """Weigh hours otherwise, in every report from now on, also of the past; a kind that is left out follows the
    organisation. Raises InvalidField.
    """
    rules = fairness.parse_rules(weights, holidays, usual=usual_weights())
    kept = {str(kind): rules.weights[kind] for kind in HourKind if kind in weights}
    days = sorted(day.isoformat() for day in rules.holidays)
    row = _row(schedule)
    before = {"weights": row.weights, "holidays": row.holidays}
    after = {"weights": kept, "holidays": days}
    if before == after:
        return rules
    row.weights, row.holidays, row.updated_at = kept, days, at
    db.session.flush()
    record(
        Kind.CHANGED, Subject.SCHEDULE, schedule.id, at=at, by=by, before={"fairness": before},
        after={"fairness": after},
    )  # fmt: skip
    return rules


def change_usual_weights(weights: Mapping[str, object], *, by: User, at: datetime) -> None:
    """What hours weigh in the organisation, for every schedule and kind that has no weight of its own. Reports
    of the past follow too. Raises InvalidField.
    """
    before = usual_weights()
    after = {**before, **fairness.parse_weights(weights)}
    if after == before:
        return
    kept = {str(kind): weight for kind, weight in after.items()}
    db.session.merge(UsualWeights(id=1, weights=kept, updated_at=at))
    db.session.flush()
    record(
        Kind.CHANGED, Subject.ORGANISATION, 1, at=at, by=by, field="weights",
        **{"from": {str(kind): weight for kind, weight in before.items()}, "to": kept},
    )  # fmt: skip


def holidays_in(schedule: Schedule, data: bytes, *, at: datetime) -> Mapping[date, str]:
    """Look at a file without changing anything: its whole days, from a year back to a year ahead, with their
    titles. An event of some hours is no holiday. Raises UnreadableCalendar.
    """
    zone = zones.named(schedule.time_zone)
    first, last = (zones.wall_clock(moment, zone).date() for moment in (at - YEAR, at + YEAR))
    found = whole_days(data, zone=zone, first=first, last=last)
    if len(found) > MOST_IMPORTED:
        raise UnreadableCalendar(f"More than {MOST_IMPORTED} days in two years.")
    return found


def bring_holidays(schedule: Schedule, days: Mapping[date, str], *, by: User | None, at: datetime) -> int:
    """These in place of the holidays imported before; those of over a year ago stay. Returns how many."""
    back = zones.wall_clock(at - YEAR, zones.named(schedule.time_zone)).date().isoformat()
    row = _row(schedule)
    earlier = sorted(day for day in row.imported_holidays if day < back)[-MOST_IMPORTED:]
    kept = {day: row.imported_holidays[day] for day in earlier}
    kept |= {day.isoformat(): name for day, name in days.items()}
    if kept != row.imported_holidays:
        row.imported_holidays, row.updated_at = kept, at
        db.session.flush()
        record(Kind.IMPORTED, Subject.SCHEDULE, schedule.id, at=at, by=by, holidays=len(days))
    return len(days)


def _row(schedule: Schedule) -> Row:
    """The schedule's row, made where it has none: it follows the organisation in everything."""
    row = db.session.get(Row, schedule.id)
    if row is None:
        row = Row(
            schedule_id=schedule.id, weights={}, holidays=[], imported_holidays={},
            updated_at=schedule.updated_at,
        )  # fmt: skip
        db.session.add(row)
    return row
