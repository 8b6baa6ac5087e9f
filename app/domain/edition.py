"""Which state of a thing somebody has read, so that a change meant for an older one is noticed."""

import hashlib
from collections.abc import Mapping
from datetime import datetime


def edition(facts: Mapping[str, str | int | datetime | None]) -> str:
    """A short word that is another one as soon as any of the facts is; the same facts give the same word."""
    said = "\n".join(
        f"{name}={fact.isoformat() if isinstance(fact, datetime) else fact!r}"
        for name, fact in sorted(facts.items())
    )
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def is_same(seen: str, now: str) -> bool:
    """Whether a text is still what a form had: browsers send other line ends than they were given."""
    return seen.split() == now.split()
