"""What somebody answered to a page by text: which alert they take."""

import re
from dataclasses import dataclass

from app.domain.invalid import LARGEST_ID

_REPLY = re.compile(r"(?:(?:ack|acknowledge|ok|yes)\b)?\s*(?:#\s*)?([0-9]{1,12})?\s*[.!]*", re.IGNORECASE)


NO_ALERT = 0  # what a number stands for that is larger than any alert's


@dataclass(frozen=True)
class Takes:
    """They take the alert with this number; None: the one they were last asked about."""

    number: int | None


def read(text: str) -> Takes | None:
    """None when it is no acknowledgement.

    >>> read(" Ack #12 "), read("ok"), read("who is this?")
    (Takes(number=12), Takes(number=None), None)
    """
    plain = text.strip()
    match = _REPLY.fullmatch(plain)
    if not plain.strip(".! #") or match is None:
        return None
    number = None if match[1] is None else int(match[1])
    return Takes(number if number is None or number <= LARGEST_ID else NO_ALERT)
