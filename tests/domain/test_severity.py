"""The many words for how bad it is."""

import pytest

from app.domain.severity import normalise
from app.domain.words import Severity


@pytest.mark.parametrize(
    ("severity", "words"),
    [
        (Severity.CRITICAL, "critical CRITICAL page fatal emergency disaster P1 Sev0 sev-0"),
        (Severity.ERROR, "error high major failure P2 Sev1 SEV_1"),
        (Severity.WARNING, "warning Warning minor average medium moderate P3 Sev2"),
        (Severity.INFO, "info low ok OK none P4 P5 Sev3 Sev4"),
    ],
)
def test_the_words_of_the_tools_are_known_in_any_case(severity: Severity, words: str) -> None:
    assert {word: normalise(word) for word in words.split()} == dict.fromkeys(words.split(), severity)


@pytest.mark.parametrize("word", [None, "", "  ", "banana", "PROBLEM"])
def test_an_unknown_word_is_left_to_the_integration(word: str | None) -> None:
    assert normalise(word) is None


def test_spaces_around_and_inside_do_not_matter() -> None:
    assert normalise(" Sev 1 ") is Severity.ERROR
