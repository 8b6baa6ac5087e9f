"""How long a worker may go on with what it has taken."""

from datetime import timedelta

from app import clock


def is_over(since: float, lease: timedelta) -> bool:
    """Whether what was asked for at `since`, in `clock.ticks()`, may be another's by now and is not sent.

    Asked last, just before sending, and of no database: each answer of that may have waited for a network that
    was lost (F-18).
    """
    return clock.ticks() - since >= lease.total_seconds()
