"""Something that says that it lives, again and again: how long it may be silent, and what its words mean."""

from datetime import timedelta
from enum import StrEnum

from app.domain.phrase import counted

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=9000)
USUAL = timedelta(minutes=3)  # another Nightbell says so every minute: two may get lost on the way


class Beat(StrEnum):
    """What a ping says: it lives, it begins something, it failed."""

    ALIVE = "alive"
    BEGUN = "begun"
    FAILED = "failed"


def read(word: str) -> Beat | None:
    """What follows the key in the address: nothing, `start`, `fail` or an exit code, of which 0 is well.

    None for any other word.
    """
    if word == "start":
        return Beat.BEGUN
    if word == "fail":
        return Beat.FAILED
    if word and not (word.isascii() and word.isdecimal() and len(word) <= 3):
        return None
    return Beat.ALIVE if not word or int(word) == 0 else Beat.FAILED


def spoken(silence: timedelta) -> str:
    """How long that is, in the largest unit that holds it: "3 minutes", "26 hours", "7 days"."""
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1))):
        if silence % length == timedelta(0):
            return counted(silence // length, unit)
    return counted(silence // timedelta(minutes=1), "minute")
