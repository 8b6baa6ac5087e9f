"""Whom `@name` means."""

import pytest

from app.domain.mention import Person, mentioned

PEOPLE = [
    Person(1, "Ada Lovelace", "ada@shop.example"), Person(2, "Ben Okri", "b.okri@shop.example"),
    Person(3, "Ben Ames", "ben.ames@shop.example"), Person(4, "Émile  Zola", "zola@shop.example"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@Ada look", [1]),
        ("Ask @ada lovelace, or @ADA.", [1]),
        ("@Ben is two people", []),
        ("@Ben Okri and @ben.ames:", [2, 3]),
        ("(@émile zola)", [4]),
        ("@adamant @ada_ @Adas", []),
        ("mail ada@ada or x.@ada", []),
        ("@nobody @ @@ada", []),
        ("@ada @b.okri @ada", [1, 2]),
    ],
)
def test_a_name_after_an_at_sign_means_one_person_or_nobody(text: str, meant: list[int]) -> None:
    assert mentioned(text, PEOPLE) == meant


def test_a_long_text_full_of_signs_is_read_in_a_moment() -> None:
    many = [Person(n, f"Person {n}", f"p{n}@shop.example") for n in range(500)]
    assert len(mentioned("@person 1 " * 1000 + "@p7", many)) == 2
