"""/api/v1/schedules/{id}/fairness: who carried what, and what an hour weighs there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from app import clock
from app.database import transaction
from app.domain.fairness import HOUR, FairnessRules, HourKind, Load
from app.domain.interval import Interval
from app.oncall import fairness
from app.oncall.models import Schedule
from app.people.rights import Act, Scope
from app.web.api.auth import me, need, need_scope
from app.web.api.find import found
from app.web.api.noun import noun
from app.web.api.problems import unprocessable
from app.web.api.schedules import LONGEST_SPAN, schedules
from app.web.api.shapes import fairness as shapes
from app.web.api.shapes.common import Named

USUAL = timedelta(weeks=13)


@schedules.get("/<id>/fairness")
@schedules.input(shapes.FairnessQuery, location="query", arg_name="query")
@schedules.output(shapes.Fairness)
def show_fairness(id: str, query: shapes.FairnessQuery) -> shapes.Fairness:
    """Hours by kind, weighted, and pages of each person; the last 13 weeks unless told otherwise."""
    need(Act.SEE_OPERATIONS)
    schedule = found(Schedule, id, "schedule")
    now = clock.now().replace(second=0, microsecond=0)
    start = query.from_ or (query.to or now) - USUAL
    end = query.to or max(now, start + timedelta(minutes=1))
    if not start < end <= start + LONGEST_SPAN:
        raise unprocessable("?to", f"A moment after `from`, at most {LONGEST_SPAN.days} days.")
    answer = fairness.of_schedule(schedule, Interval(start, end))
    report = answer.report
    typed = frozenset(date.fromisoformat(day) for day in fairness.typed_holidays(schedule.id))
    return shapes.Fairness(
        start=start, end=end, time_zone=schedule.time_zone,
        rules=_rules(replace(report.rules, holidays=typed)), gini=report.gini,
        imported_holidays=[day.isoformat() for day in fairness.imported_holidays(schedule.id)],
        gini_before_covers=report.gini_before, nobody_hours=_hours(report.nobody),
        items=[_person(load, answer.names, report.rules) for load in report.loads], next_cursor=None,
    )  # fmt: skip


@schedules.put("/<id>/fairness-rules")
@schedules.input(shapes.FairnessDraft, arg_name="rules")
@schedules.output(shapes.FairnessRules)
def replace_fairness_rules(id: str, rules: shapes.FairnessDraft) -> shapes.FairnessRules:
    """Weigh hours otherwise than the organisation, and name the holidays.

    Reports of the past follow, who was on call does not.
    """
    with transaction():
        schedule = found(Schedule, id, "schedule")
        need(Act.EDIT_ON_CALL, team_id=schedule.team_id)
        return _rules(
            fairness.change_rules(
                schedule,
                weights=rules.weights.model_dump(exclude_none=True),
                holidays=rules.holidays,
                by=me(),
                at=clock.now(),
            )
        )


fairness_weights = noun("fairness-weights", "What hours weigh wherever a schedule says nothing else.")


@fairness_weights.get("")
@fairness_weights.output(shapes.Weights)
def show_fairness_weights() -> shapes.Weights:
    """Show the organisation's weights."""
    need(Act.SEE_OPERATIONS)
    return _weights(fairness.usual_weights())


@fairness_weights.put("")
@fairness_weights.input(shapes.OwnWeights, arg_name="weights")
@fairness_weights.output(shapes.Weights)
def replace_fairness_weights(weights: shapes.OwnWeights) -> shapes.Weights:
    """Weigh these kinds otherwise on every schedule that has no weight of its own; others stay."""
    need_scope(Scope.ADMIN)
    need(Act.MANAGE_ORGANISATION)
    with transaction():
        fairness.change_usual_weights(weights.model_dump(exclude_none=True), by=me(), at=clock.now())
        return _weights(fairness.usual_weights())


def _weights(weights: Mapping[HourKind, float]) -> shapes.Weights:
    return shapes.Weights(**{str(kind): weights[kind] for kind in HourKind})


def _rules(rules: FairnessRules) -> shapes.FairnessRules:
    return shapes.FairnessRules(
        weights=_weights(rules.weights), holidays=sorted(day.isoformat() for day in rules.holidays)
    )


def _person(load: Load, names: Mapping[int, str], rules: FairnessRules) -> shapes.PersonLoad:
    return shapes.PersonLoad(
        user=Named(id=str(load.user_id), name=names.get(load.user_id, "")),
        hours=shapes.HoursByKind(**{str(kind): _hours(load.hours[kind]) for kind in HourKind}),
        total_hours=_hours(load.total), weighted_hours=round(load.weighted(rules), 4),
        weighted_hours_before_covers=round(load.weighted_before(rules), 4),
        covered_hours=_hours(load.by_covers), backup_hours=_hours(load.backup), nights=load.nights,
        weekends=load.weekends, holidays=load.holidays, pages=load.pages, night_pages=load.night_pages,
    )  # fmt: skip


def _hours(length: timedelta) -> float:
    return round(length / HOUR, 4)
