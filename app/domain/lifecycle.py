"""Alert and incident states as tables of allowed moves, to be read aloud."""

from collections.abc import Mapping

from app.domain.words import AlertStatus, IncidentSeverity, IncidentStatus, Phase, Severity, Urgency

A, I = AlertStatus, IncidentStatus  # noqa: E741 - the two tables read as tables


class InvalidTransition(Exception):
    """A move that the present state does not allow, in a sentence a human can read."""


ALERT_MOVES: Mapping[tuple[AlertStatus, str], AlertStatus] = {
    (A.TRIGGERED, "acknowledge"): A.ACKNOWLEDGED,
    (A.TRIGGERED, "snooze"): A.ACKNOWLEDGED,
    (A.TRIGGERED, "escalate"): A.TRIGGERED,
    (A.TRIGGERED, "reassign"): A.TRIGGERED,
    (A.TRIGGERED, "resolve"): A.RESOLVED,
    (A.ACKNOWLEDGED, "acknowledge"): A.ACKNOWLEDGED,  # somebody joins or takes over
    (A.ACKNOWLEDGED, "unacknowledge"): A.TRIGGERED,
    (A.ACKNOWLEDGED, "snooze"): A.ACKNOWLEDGED,
    (A.ACKNOWLEDGED, "wake"): A.TRIGGERED,
    (A.ACKNOWLEDGED, "escalate"): A.TRIGGERED,
    (A.ACKNOWLEDGED, "reassign"): A.TRIGGERED,
    (A.ACKNOWLEDGED, "resolve"): A.RESOLVED,
    (A.RESOLVED, "reopen"): A.TRIGGERED,
}

INCIDENT_MOVES: Mapping[tuple[IncidentStatus, str], IncidentStatus] = {
    (I.OPEN, "begin"): I.IN_PROGRESS,
    (I.OPEN, "mitigate"): I.MITIGATED,
    (I.OPEN, "resolve"): I.RESOLVED,
    (I.IN_PROGRESS, "mitigate"): I.MITIGATED,
    (I.IN_PROGRESS, "resolve"): I.RESOLVED,
    (I.MITIGATED, "begin"): I.IN_PROGRESS,  # it came back
    (I.MITIGATED, "resolve"): I.RESOLVED,
    **{(status, "merge"): I.CLOSED for status in I if status is not I.CLOSED},
    (I.RESOLVED, "close"): I.CLOSED,
    (I.RESOLVED, "reopen"): I.IN_PROGRESS,
    (I.CLOSED, "reopen"): I.IN_PROGRESS,
}

_PHASES = {
    I.OPEN: Phase.DETECTION,
    I.IN_PROGRESS: Phase.CONTAINMENT,
    I.MITIGATED: Phase.RECOVERY,
    I.RESOLVED: Phase.LEARNING,
    I.CLOSED: Phase.LEARNING,
}
_SUGGESTED = {
    Severity.CRITICAL: IncidentSeverity.SEV1,
    Severity.ERROR: IncidentSeverity.SEV2,
    Severity.WARNING: IncidentSeverity.SEV3,
    Severity.INFO: IncidentSeverity.SEV5,
}


def alert_after(status: AlertStatus, move: str) -> AlertStatus:
    """The alert's state after `move`. Raises InvalidTransition when the state does not allow it."""
    if (status, move) not in ALERT_MOVES:
        raise InvalidTransition(f"This alert is {_IN_WORDS[status]}, so there is nothing to {move}.")
    return ALERT_MOVES[status, move]


def incident_after(status: IncidentStatus, move: str) -> IncidentStatus:
    """The incident's state after `move`. Raises InvalidTransition when the state does not allow it."""
    if (status, move) not in INCIDENT_MOVES:
        raise InvalidTransition(f"This incident is {status.replace('_', ' ')}, so there is nothing to {move}.")
    return INCIDENT_MOVES[status, move]


def phase_of(status: IncidentStatus) -> Phase:
    return _PHASES[status]


def suggested_severity(severity: Severity) -> IncidentSeverity:
    """What promoting an alert proposes; a person decides."""
    return _SUGGESTED[severity]


def urgency_of(severity: Severity) -> Urgency:
    """Critical and error wake people; warning and info do not. An unknown severity counts as error."""
    return Urgency.HIGH if severity in (Severity.CRITICAL, Severity.ERROR) else Urgency.LOW


_IN_WORDS = {A.TRIGGERED: "open and nobody has it yet", A.ACKNOWLEDGED: "acknowledged", A.RESOLVED: "resolved"}
