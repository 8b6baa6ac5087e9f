"""/api/v1/schedules/{id}/swap-rules: what a schedule asks of swaps."""

from app import clock
from app.database import db, transaction
from app.oncall import swap_rules
from app.oncall.models import Schedule
from app.oncall.models import SwapRules as SwapRulesRow
from app.people.rights import Act
from app.web import serialize_swaps as serialize
from app.web.api.auth import me, need
from app.web.api.find import found, numbers
from app.web.api.schedules import schedules
from app.web.api.shapes import swaps as shapes


@schedules.get("/<id>/swap-rules")
@schedules.output(shapes.SwapRules)
def show_swap_rules(id: str) -> shapes.SwapRules:
    """Show what the schedule asks of swaps."""
    need(Act.SEE_OPERATIONS)
    schedule = found(Schedule, id, "schedule")
    return serialize.swap_rules(db.session.get(SwapRulesRow, schedule.id))


@schedules.put("/<id>/swap-rules")
@schedules.input(shapes.SwapRules, arg_name="rules")
@schedules.output(shapes.SwapRules)
def replace_swap_rules(id: str, rules: shapes.SwapRules) -> shapes.SwapRules:
    """Put other rules in place; they hold for whatever is accepted from now on."""
    with transaction():
        schedule = found(Schedule, id, "schedule")
        need(Act.EDIT_ON_CALL, team_id=schedule.team_id)
        row = swap_rules.set_rules(
            schedule, needs_approval=rules.needs_approval, rest_hours=rules.rest_hours,
            eligible=numbers(rules.eligible), auto_hours_ahead=rules.auto_hours_ahead,
            auto_rest_kept=rules.auto_rest_kept, auto_on_roster=rules.auto_on_roster, by=me(), at=clock.now(),
        )  # fmt: skip
        return serialize.swap_rules(row)
