"""A key that comes and goes: after so many pages in a while it pages only for an alert that stays."""

from datetime import datetime, timedelta

USUAL_LIMIT = 5  # pages of one key, within
WITHIN = timedelta(minutes=10)
STAYS = timedelta(minutes=2)  # what has been open for so long does not come and go: it pages
MOST = 100


def held_until(opened_at: datetime, paged_lately: int, limit: int | None, *, now: datetime) -> datetime | None:
    """Until when an alert's first step waits; None when it is taken now.

    `paged_lately` is for how many other alerts of its key people were paged `WITHIN` the time before. Nothing
    is dropped: an alert that is still open when its time has come pages then. A `limit` of None holds nothing.
    """
    stays = opened_at + STAYS
    if limit is None or paged_lately < limit or stays <= now:
        return None
    return stays
