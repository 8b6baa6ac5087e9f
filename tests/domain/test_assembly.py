"""Who may take command, and what an answer makes of somebody's place in an incident."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.assembly import Command, CommandTaken, attendance_after, may_hand_over, may_take
from app.domain.lifecycle import InvalidTransition
from app.domain.words import Attendance

NOW = datetime(2026, 11, 12, 3, 19, tzinfo=UTC)
ADA, BEN, CLEO = 1, 2, 3
HELD = Command(ADA, "Ada", NOW - timedelta(seconds=4))
A = Attendance


def test_S35_command_nobody_has_is_taken_and_a_second_tap_changes_nothing() -> None:
    assert may_take(None, ADA, at=NOW)
    assert not may_take(HELD, ADA, at=NOW)


def test_S35_two_who_take_command_at_once_are_one_commander_and_one_who_hears_who_has_it() -> None:
    with pytest.raises(CommandTaken, match=r"Ada took command 4 s ago\. Ask for a handover"):
        may_take(HELD, BEN, at=NOW)


def test_S35_a_handover_is_from_whom_one_saw_in_command() -> None:
    assert may_hand_over(HELD, to_id=CLEO, instead_of=ADA, is_told=True, at=NOW)
    assert may_hand_over(HELD, to_id=CLEO, instead_of=None, is_told=False, at=NOW)
    assert not may_hand_over(HELD, to_id=ADA, instead_of=BEN, is_told=True, at=NOW)
    with pytest.raises(CommandTaken, match=r"Ada took command 4 s ago\. Look again"):
        may_hand_over(HELD, to_id=CLEO, instead_of=BEN, is_told=True, at=NOW)
    with pytest.raises(CommandTaken, match="Nobody commands now"):
        may_hand_over(None, to_id=CLEO, instead_of=BEN, is_told=True, at=NOW)


def test_S24_an_answer_moves_somebody_or_is_refused_in_words() -> None:
    table = {
        (A.ASKED, A.JOINED): A.JOINED, (A.ASKED, A.DECLINED): A.DECLINED, (A.DECLINED, A.JOINED): A.JOINED,
        (A.JOINED, A.DECLINED): A.LEFT, (A.JOINED, A.LEFT): A.LEFT, (None, A.JOINED): A.JOINED,
        (A.LEFT, A.LEFT): A.LEFT,
    }  # fmt: skip
    assert {key: attendance_after(*key) for key in table} == table
    with pytest.raises(InvalidTransition, match="not asked"):
        attendance_after(None, A.DECLINED)
    with pytest.raises(InvalidTransition, match="nothing to leave"):
        attendance_after(None, A.LEFT)
