"""How alike two incidents are: the words of their titles, their services, the keys of their alerts."""

import re
from dataclasses import dataclass

WORDS, SERVICE, KEY = 2.0, 1.0, 2.0  # what each kind of likeness weighs, where it is whole
LEAST = 1.0  # below it nothing is said to be like it
SHORTEST = 3  # letters of a word that counts


@dataclass(frozen=True)
class Marks:
    """What an incident is known by. `keys` are those under which its sources group alerts."""

    title: str
    services: frozenset[int]
    keys: frozenset[tuple[int | None, str]]


def alike(now: Marks, then: Marks) -> float:
    """0 is nothing in common, 5 all of it; a number in a title does not count, for it is another one each time.

    >>> one = Marks("Checkout errors at 14 %", frozenset({1}), frozenset())
    >>> alike(one, Marks("Checkout errors at 9 %", frozenset({1}), frozenset()))
    3.0
    """
    return sum(
        weight * _share(ours, theirs)
        for weight, ours, theirs in (
            (WORDS, _words(now.title), _words(then.title)),
            (SERVICE, now.services, then.services),
            (KEY, now.keys, then.keys),
        )
    )


def _words(title: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"[^\W\d_]+", title.casefold()) if len(word) >= SHORTEST)


def _share(ours: frozenset[object], theirs: frozenset[object]) -> float:
    return len(ours & theirs) / len(ours | theirs) if ours and theirs else 0.0
