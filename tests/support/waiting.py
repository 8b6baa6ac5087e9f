"""Waiting for something to become true, instead of sleeping and hoping."""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


def until(look: Callable[[], Seen], *, within: float = 20.0, every: float = 0.02, what: object = "") -> Seen:
    """Look again and again until something true is seen, and give it; fail after `within` seconds.

    `what` is what we wait for, in words, or something that tells how far it came.
    """
    ends_at = time.monotonic() + within
    while not (seen := look()):
        if time.monotonic() > ends_at:
            raise AssertionError(
                f"not within {within} s: {what() if callable(what) else what or look}; last seen {seen!r}"
            )
        time.sleep(every)
    return seen
