"""Two people write in one text: what does not meet is merged, what meets is shown."""

from itertools import product

import pytest

from app.domain.both_texts import merged, together

BASE = "One.\n\nTwo.\n\nThree."


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        (BASE, BASE, BASE),
        ("One!\n\nTwo.\n\nThree.", BASE, "One!\n\nTwo.\n\nThree."),
        (BASE, "One.\n\nTwo.\n\nThree!", "One.\n\nTwo.\n\nThree!"),
        ("One!\n\nTwo.\n\nThree.", "One.\n\nTwo.\n\nThree!", "One!\n\nTwo.\n\nThree!"),
        ("One.\n\nThree.", "One.\n\nTwo.\n\nThree.\n\nFour.", "One.\n\nThree.\n\nFour."),
        ("One!\n\nTwo.\n\nThree.", "One!\n\nTwo.\n\nThree.", "One!\n\nTwo.\n\nThree."),
    ],
)
def test_changes_in_different_paragraphs_become_one_text(mine: str, theirs: str, both: str) -> None:
    assert merged(BASE, mine, theirs) == both
    assert merged(BASE, theirs, mine) == both


def test_two_changes_of_one_paragraph_are_not_guessed_at_and_both_are_kept() -> None:
    mine, theirs = "One, by me.\n\nTwo.\n\nThree.", "One, by her.\n\nTwo.\n\nThree.\n\nFour."
    assert merged(BASE, mine, theirs) is None
    assert together(BASE, mine, theirs) == "One, by her.\nOne, by me.\n\nTwo.\n\nThree.\n\nFour."


TEXTS = ["\n".join(lines) for size in range(3) for lines in product("abc", repeat=size)]


def test_no_line_that_either_wrote_is_lost() -> None:
    for base, mine, theirs in product(TEXTS, repeat=3):
        both = together(base, mine, theirs).splitlines()
        for text in (mine, theirs):
            assert {line for line in text.split() if line not in base.split()} <= set(both)
        whole = merged(base, mine, theirs)
        assert whole is None or whole == together(base, mine, theirs)
