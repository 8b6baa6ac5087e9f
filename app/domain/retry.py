"""When a delivery is tried again, and when it is given up."""

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=5)
MOST_ATTEMPTS = 8


def next_attempt(
    *, attempts: int, now: datetime, deadline: datetime, asked: timedelta | None, jitter: float
) -> datetime | None:
    """The moment of the next attempt, or None when there is none before the page's deadline.

    `attempts` counts those made, `asked` is what the push service wants us to wait (Retry-After), `jitter` is a
    random number from 0 to 1 that keeps many retries from meeting.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    backoff = min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)
    wait = max(backoff * (0.75 + jitter / 2), asked or timedelta(0))
    return now + wait if now + wait < deadline else None
