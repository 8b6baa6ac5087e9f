"""Who is meant by `@name` in a text that people write."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MOST = 20  # people of one text


@dataclass(frozen=True)
class Person:
    """Somebody who can be meant: by the whole name, by what stands before the @ of their mail address, or by
    the first name where nobody else has it."""

    id: int
    name: str
    email: str


def mentioned(text: str, people: Iterable[Person]) -> list[int]:
    """The ids of whom the text names, in its order, each once; capitals do not matter, the longest name wins.

    A mail address in the text names nobody.
    """
    handles = _handles(list(people))
    longest_first = sorted(handles, key=len, reverse=True)
    found: list[int] = []
    lowered = text.casefold()
    for at in re.finditer(r"(?<![\w.@])@(?=\w)", lowered):
        rest = lowered[at.end() :]
        handle = next((each for each in longest_first if _begins(rest, each)), None)
        if handle is not None and handles[handle] not in found:
            found.append(handles[handle])
    return found[:MOST]


def _handles(people: list[Person]) -> Mapping[str, int]:
    first_names: dict[str, list[int]] = {}
    found: dict[str, list[int]] = {}
    for each in people:
        name = " ".join(each.name.split()).casefold()
        for handle in {name, each.email.partition("@")[0].casefold()} - {""}:
            found.setdefault(handle, []).append(each.id)
        first_names.setdefault(name.partition(" ")[0], []).append(each.id)
    unique = {handle: ids[0] for handle, ids in first_names.items() if len(ids) == 1 and handle}
    return unique | {handle: ids[0] for handle, ids in found.items() if len(ids) == 1}


def _begins(text: str, handle: str) -> bool:
    after = text[len(handle) : len(handle) + 1]
    return text.startswith(handle) and not (after.isalnum() or after == "_")
