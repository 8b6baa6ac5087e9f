"""Nobody is left to ask: the policy's person, else the team's manager, else all administrators."""

from datetime import datetime

import sqlalchemy as sa

from app.alerts.listing import now_waits_for
from app.alerts.models import Alert, Escalation
from app.alerts.wording import alerting, page_words
from app.database import db
from app.domain.escalation import PageLastResort
from app.domain.timeline import Kind, Subject
from app.domain.words import PageStatus, Role
from app.oncall.queries import away_among
from app.paging.page import Place, page_user
from app.people.models import Team, User
from app.timeline.record import record


def page(alert: Alert, escalation: Escalation, turn: PageLastResort, *, at: datetime) -> None:
    """Page the last resort for this turn. Who cannot be reached at all gives way to the next in line.

    Nobody on time off is paged (R1), but when nobody else is left: an alert is never lost.
    """
    place = Place(
        Subject.ALERT, alert.id, alert.run, escalation.round, _step_after_all(escalation), turn.reminder
    )
    escalation.last_step_at = at
    line = in_line(alert, escalation)
    away = away_among({user.id for people, _ in line for user in people}, at)
    here = [([user for user in people if user.id not in away], why) for people, why in line]
    for people, why in [*here, *line]:
        reached = []
        for user in people:
            asked = page_user(
                user, page_words(alert, user), place, reason=[*_so_far(alert, escalation), why],
                until=at + turn.wait, at=at,
            )  # fmt: skip
            if asked is not None:
                now_waits_for(user.id, alert.id)
            if asked is not None and asked.status is not PageStatus.FAILED:
                reached.append(user.id)
        if reached:
            record(
                Kind.PAGED, Subject.ALERT, alert.id, at=at, run=alert.run, user_ids=reached, last_resort=True,
                reminder=turn.reminder,
            )  # fmt: skip
            return
    record(
        Kind.NOBODY_REACHED, Subject.ALERT, alert.id, at=at, run=alert.run, last_resort=True,
        because="nobody of the last resort has a device to ring",
    )  # fmt: skip


def in_line(alert: Alert, escalation: Escalation) -> list[tuple[list[User], str]]:
    """Whom to ask when nobody is left for this alert, in order, each with the reason in words."""
    policy = escalation.policy or {}
    return line_of(alert.team_id, policy.get("name"), policy.get("last_resort_user_id"))


def line_of(team_id: int, policy_name: str | None, user_id: int | None) -> list[tuple[list[User], str]]:
    """The same for any alert of a team, under a policy that names this person."""
    named = _able(user_id)
    team = db.session.get(Team, team_id)
    manager = _able(team.manager_id if team is not None else None)
    administrators = list(
        db.session.scalars(
            sa.select(User)
            .where(User.role == Role.ADMINISTRATOR, User.is_active.is_(True), ~User.is_service)
            .order_by(User.id)
        )
    )
    candidates = [
        (named, f"You are the last resort of policy {policy_name}"),
        (manager, f"The last resort: you manage {team.name if team else 'the team'}"),
        (administrators, "The last resort: you are an administrator"),
    ]
    return [(people, why) for people, why in candidates if people]


def _so_far(alert: Alert, escalation: Escalation) -> list[str]:
    """The first links of the chain: where it came from, and what was tried before."""
    policy = escalation.policy or {}
    steps, rounds = len(policy.get("steps", ())), policy.get("repeat", 0) + 1
    if policy.get("passed_over"):
        return [alerting(alert), "Its policy could not be followed: the engine failed on it three times"]
    if not steps:
        return [alerting(alert), f"{alert.service.name} has no policy that asks anybody"]
    times = "once" if rounds == 1 else f"{rounds} times"
    every = "its step was" if steps == 1 else f"all {steps} steps were"
    return [alerting(alert), f"Policy {policy['name']}: {every} tried {times}, nobody answered"]


def _able(user_id: int | None) -> list[User]:
    user = None if user_id is None else db.session.get(User, user_id)
    return [user] if user is not None and user.can_respond else []


def _step_after_all(escalation: Escalation) -> int:
    return len((escalation.policy or {}).get("steps", ()))
