"""How alike two incidents are."""

from app.domain.similar import LEAST, Marks, alike

NOW = Marks("Checkout errors at 14 %", frozenset({1}), frozenset({(1, "checkout")}))


def test_the_same_again_is_wholly_alike_whatever_its_numbers() -> None:
    assert alike(NOW, Marks("Checkout errors at 9 %", NOW.services, NOW.keys)) == 5


def test_nothing_in_common_is_nothing_and_words_of_another_service_are_less_than_its_own() -> None:
    assert alike(NOW, Marks("Disk full", frozenset({2}), frozenset())) == 0
    assert alike(NOW, Marks("", frozenset(), frozenset())) == 0
    assert (
        LEAST
        <= alike(NOW, Marks("Disk full", frozenset({1}), frozenset()))
        < alike(NOW, Marks("Checkout errors", frozenset({1}), frozenset()))
    )
