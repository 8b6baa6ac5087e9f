"""Waiting for something to become true, instead of sleeping and hoping."""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


def until(look: Callable[[], Seen], *, within: float = 5.0, every: float = 0.02, what: str = "") -> Seen:
    """Look again and again until something true is seen, and give it; fail after `within` seconds."""
    ends_at = time.monotonic() + within
    while not (seen := look()):
        if time.monotonic() > ends_at:
            raise AssertionError(f"not within {within} s: {what or look}; last seen {seen!r}")
        time.sleep(every)
    return seen
