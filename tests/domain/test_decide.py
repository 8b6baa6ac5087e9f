"""The moves of an option, who decides, and what the commander is prompted to do."""

import pytest

from app.domain.decide import NotTheCommander, Standing, must_command, next_step, option_after
from app.domain.lifecycle import InvalidTransition
from app.domain.words import OptionState as O


def test_S38_nothing_leads_from_proposed_to_doing_but_approval_or_the_bypass_by_its_name() -> None:
    assert option_after(option_after(O.PROPOSED, "approve"), "begin") is O.DOING
    with pytest.raises(InvalidTransition, match="not decided yet, so you cannot begin it"):
        option_after(O.PROPOSED, "begin")
    assert option_after(O.PROPOSED, "begin without approval") is O.DOING


@pytest.mark.parametrize("state", [O.WITHDRAWN, O.DECLINED, O.DOING, O.DONE])
def test_S38_what_was_withdrawn_or_decided_is_not_approved_any_more(state: O) -> None:
    with pytest.raises(InvalidTransition, match="so you cannot approve it"):
        option_after(state, "approve")


def test_S36_only_the_commander_decides_and_the_refusal_names_who_that_is() -> None:
    must_command((1, "Cleo"), 1)
    with pytest.raises(NotTheCommander, match="Cleo decides"):
        must_command((1, "Cleo"), 2)
    with pytest.raises(NotTheCommander, match="Take command, then decide"):
        must_command(None, 2)


def test_S40_the_commander_is_prompted_first_to_collect_what_people_see_then_to_decide() -> None:
    steps = [
        next_step(Standing(symptoms=0, waiting=0, approved=0, doing=0)),
        next_step(Standing(symptoms=2, waiting=0, approved=0, doing=0)),
        next_step(Standing(symptoms=2, waiting=1, approved=0, doing=0)),
        next_step(Standing(symptoms=2, waiting=1, approved=1, doing=0)),
        next_step(Standing(symptoms=2, waiting=1, approved=0, doing=1, is_update_due=True)),
        next_step(Standing(symptoms=2, waiting=0, approved=0, doing=0, is_update_due=True)),
    ]
    assert steps == [
        "Collect what people see", "Collect ways to fix it", "Decide on 1 option", "Start what was approved",
        "Record how it went", "Update due",
    ]  # fmt: skip
