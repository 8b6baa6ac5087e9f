"""Another team has the alert: it is asked as that team's policy says (L-ESC-13)."""

from datetime import datetime

from app.alerts import escalate
from app.alerts.models import Alert
from app.alerts.queries import escalation_of
from app.domain.words import AlertStatus
from app.people.models import Team


def hand_to_team(alert: Alert, team: Team, *, at: datetime) -> None:
    """Give an open alert to `team`. Whoever has it keeps it; while nobody has, the team's policy begins.

    Where nobody was asked yet this is no new run: its first step is still to come, and asks the team.
    """
    if alert.team_id == team.id:
        return
    alert.team_id, alert.updated_at = team.id, at
    if alert.raised_by_id is not None:  # somebody said whom to ask
        return
    escalation = escalation_of(alert)
    escalation.team_id = None if team.id == alert.service.team_id else team.id  # its own is asked as it says
    if alert.status is AlertStatus.TRIGGERED and escalation.policy is not None:
        escalate.restart(alert, at=at)
