"""When a signed webhook is tried again: over three days, as Standard Webhooks advises."""

from datetime import datetime, timedelta

WAITS = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip


def next_attempt(*, attempts: int, now: datetime, asked: timedelta | None, jitter: float) -> datetime | None:
    """The moment of the next attempt after so many; None when it is given up, and with it the destination.

    `asked` is what the other side wants us to wait, `jitter` from 0 to 1 keeps many from meeting.
    """
    if attempts > len(WAITS):
        return None
    wait = WAITS[attempts - 1] * (1 + jitter / 5)
    return now + max(wait, asked or timedelta(0))
