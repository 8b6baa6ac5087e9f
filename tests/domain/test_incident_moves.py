"""The states of an incident, the moves between them, and the phase that each shows."""

import pytest

from app.domain.lifecycle import INCIDENT_MOVES, InvalidTransition, incident_after, phase_of
from app.domain.task import OpenTasks
from app.domain.words import IncidentStatus, Phase

WAY = ("begin", "mitigate", "resolve", "close")


def test_S01_an_incident_goes_through_the_four_phases_and_each_state_shows_one() -> None:
    status, phases = IncidentStatus.OPEN, [phase_of(IncidentStatus.OPEN)]
    for move in WAY:
        status = incident_after(status, move)
        phases.append(phase_of(status))
    assert phases == [
        Phase.DETECTION, Phase.CONTAINMENT, Phase.RECOVERY, Phase.LEARNING, Phase.LEARNING,
    ]  # fmt: skip
    assert {phase_of(each) for each in IncidentStatus} == set(Phase)


def test_L_INC_03_open_to_closed_with_mitigated_between_and_back_by_reopening() -> None:
    status = IncidentStatus.OPEN
    for move in WAY:
        status = incident_after(status, move)
    assert status is IncidentStatus.CLOSED
    assert incident_after(status, "reopen") is IncidentStatus.IN_PROGRESS
    for short in (IncidentStatus.OPEN, IncidentStatus.IN_PROGRESS):
        assert incident_after(short, "resolve") is IncidentStatus.RESOLVED, "mitigated may be left out"
    for status in IncidentStatus:
        for move in {name for _, name in INCIDENT_MOVES}:
            if (status, move) not in INCIDENT_MOVES:
                with pytest.raises(InvalidTransition):
                    incident_after(status, move)


def test_what_is_left_to_do_is_named_up_to_five_and_counted_beyond() -> None:
    assert "1 task is still open: a." in str(OpenTasks(["a"]))
    assert "7 tasks are still open: a; b; c; d; e and 2 more." in str(OpenTasks(list("abcdefg")))
