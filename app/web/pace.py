"""How fast one key may send (feature 14): a sender gone wild is slowed down before anything is read or stored.

Counted in this process, by key. That it happened is kept with the integration, where its team sees it: what was
not taken in is never silent.
"""

import logging
import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.alerts import integrations
from app.alerts.integrations import Door
from app.database import transaction

PER_KEY = RateLimitItemPerMinute(60_000)  # a thousand a second: no tool of ours sends that much, a loop does

log = logging.getLogger(__name__)
_limiter = FixedWindowRateLimiter(MemoryStorage())
_once_a_minute = RateLimitItemPerMinute(1, namespace="noted")


def wait_for(door: Door) -> int | None:
    """Counts a request by this key: None when it may go on, else in how many seconds to send it again."""
    key = str(door.key_id)
    if _limiter.hit(PER_KEY, key):
        return None
    if _limiter.hit(_once_a_minute, key):
        _note(door)
    until = _limiter.get_window_stats(PER_KEY, key).reset_time
    return max(1, math.ceil(until - time.time()))


def _note(door: Door) -> None:
    try:
        with transaction():
            integrations.note_slowed(door, at=clock.now())
    except SQLAlchemyError:  # the answer is 429 all the same
        log.exception("that integration %s was slowed down could not be kept", door.id)


def forget() -> None:
    """Begin to count anew."""
    _limiter.storage.reset()
