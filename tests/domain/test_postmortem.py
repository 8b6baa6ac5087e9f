"""What a postmortem has to say before people read it, and words that look for somebody to blame."""

import pytest

from app.domain import postmortem as rules
from app.domain.lifecycle import InvalidTransition
from app.domain.words import PostmortemPart as P
from app.domain.words import PostmortemState as S


def test_S65_S66_S67_what_happened_what_caused_it_and_what_will_stop_it_must_be_written() -> None:
    assert rules.missing({}, {}) == [P.HAPPENED, P.CAUSE, P.PREVENTION]
    said = {P.HAPPENED: "It fell over.", P.CAUSE: "Why?", P.PREVENTION: " "}
    assert rules.missing(said, {P.CAUSE: "Why?"}) == [P.CAUSE, P.PREVENTION]
    assert rules.missing(said | {P.CAUSE: "A unit.", P.PREVENTION: "A test."}, {P.CAUSE: "Why?"}) == []


@pytest.mark.parametrize("state", list(S))
def test_every_move_ends_in_another_state_and_the_others_are_refused_in_words(state: S) -> None:
    for move in ("ask for a review", "publish", "take back", "revise"):
        if (state, move) in rules.MOVES:
            assert rules.after(state, move) is not state
        else:
            with pytest.raises(InvalidTransition, match="This postmortem is"):
                rules.after(state, move)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("It was human error.", "human error"),
        ("Ada should have known.", "should have"),
        ("A careless change", "careless"),
        ("Ben forgot the flag", "forgot"),
        ("Whose fault was it?", "Whose fault"),
    ],
)
def test_S61_words_that_look_for_somebody_to_blame_are_pointed_at(text: str, word: str) -> None:
    assert word in rules.hints(text)[0]


def test_a_text_about_the_work_has_no_hints() -> None:
    assert rules.hints("The time-out was in ms, the library wanted s. A default hid it.") == []


@pytest.mark.parametrize(
    ("is_owner", "manages", "works", "has_owner", "may"),
    [
        (True, False, False, True, True),
        (False, True, True, True, True),
        (False, False, True, True, False),
        (False, False, True, False, True),
        (False, False, False, False, False),
    ],
)
def test_S64_who_gives_it_away(is_owner: bool, manages: bool, works: bool, has_owner: bool, may: bool) -> None:
    said = rules.may_give_away(is_owner=is_owner, manages=manages, works=works, has_owner=has_owner)
    assert said is may
