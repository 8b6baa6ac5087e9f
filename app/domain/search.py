"""What people look for: the words of what they typed, what comes first, and what of it to show."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

LOOKED_AT = 400  # characters of what was typed
MOST_WORDS = 12
LONGEST_WORD = 64
AROUND = 60  # characters shown before the first word that was found
SHOWN = 180  # and of all


class Kind(StrEnum):
    """What can be found."""

    INCIDENT = "incident"
    POSTMORTEM = "postmortem"
    PLAYBOOK = "playbook"
    NOTE = "note"


@dataclass(frozen=True)
class Piece:
    """A stretch of text, and whether it is what was looked for."""

    text: str
    is_found: bool


def words(typed: str) -> list[str]:
    """The words to look for, each once; whatever else was typed, quotes and signs of a query language, is air.

    >>> words('"disk NEAR/2 full*" AND (disk')
    ['disk', 'near', '2', 'full', 'and']
    """
    there = unicodedata.normalize("NFC", typed[:LOOKED_AT]).casefold()
    return list(dict.fromkeys(each[:LONGEST_WORD] for each in _words(there)))[:MOST_WORDS]


def number(typed: str) -> int | None:
    """The incident that is meant by its number, as people say it.

    >>> number(" INC-214 "), number("#214"), number("214 disks")
    (214, 214, None)
    """
    meant = re.fullmatch(r"\s*(?:inc[- ]?|#)?([0-9]{1,9})\s*", typed[:LOOKED_AT], re.IGNORECASE)
    return int(meant[1]) if meant else None


def are_all_in(wanted: Sequence[str], text: str) -> bool:
    """Whether each word begins a word of `text`; a single letter has to be one."""
    there = _words(unicodedata.normalize("NFC", text).casefold())
    return all(any(_begins(each, word) for word in there) for each in wanted)


def excerpt(text: str, wanted: Sequence[str]) -> list[Piece]:
    """The stretch of `text`, on one line, around the first of the words, with all of them marked."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    hits = [
        match
        for match in re.finditer(r"[^\W_]+", line)
        if any(_begins(each, match[0].casefold()) for each in wanted)
    ]
    begin = max(0, hits[0].start() - AROUND) if hits else 0
    begin = line.find(" ", begin) + 1 if begin else 0  # at a word
    end = min(len(line), begin + SHOWN)
    pieces, at = [Piece("… ", is_found=False)] if begin else [], begin
    for match in hits:
        if at <= match.start() and match.end() <= end:
            pieces += [Piece(line[at : match.start()], is_found=False), Piece(match[0], is_found=True)]
            at = match.end()
    pieces.append(Piece(line[at:end] + (" …" if end < len(line) else ""), is_found=False))
    return [piece for piece in pieces if piece.text]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def _begins(wanted: str, word: str) -> bool:
    return word == wanted or (len(wanted) > 1 and word.startswith(wanted))
