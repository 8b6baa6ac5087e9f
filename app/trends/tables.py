"""The tables Trends reads: the days the engine keeps, or the rows themselves where it keeps none yet.

A process keeps the last unpacked tables, so that the next page or tap need not unpack them again.
"""

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import current_app

from app.database import db
from app.trends import keep

if TYPE_CHECKING:
    from analytics.tables import Tables

REACH = timedelta(weeks=25)  # the longest window, as far back again, and the week it begins in
_lock = threading.Lock()


def as_of(now: datetime) -> datetime:
    """The moment Trends speaks of: that up to which the engine keeps its days, or now where it keeps none."""
    kept = keep.kept_since(now - REACH, now)
    return (kept or now).replace(microsecond=0)


def read(at: datetime, now: datetime) -> "Tables":
    """Half a year of tables up to `at`, as rows stand now: metrics read them as known at `at`."""
    since = at - REACH
    through = keep.kept_since(since, now)
    if through is None or through < at:
        return _from_rows(since, at)
    store = _store()
    with _lock:
        if store.get("version") != through:
            store["tables"] = _from_days(since, through)
            store["version"] = through
        found: Tables = store["tables"]
    return found


def _store() -> dict[str, Any]:
    store: dict[str, Any] = current_app.extensions.setdefault("trends", {})
    return store


def _from_rows(since: datetime, at: datetime) -> "Tables":
    import pandas as pd

    from analytics import frames
    from analytics.tables import Tables

    connection = db.session.connection()
    start = pd.Timestamp(since.astimezone(UTC))
    read = {
        name: getattr(frames, name)(connection, start)
        for name in ("incidents", "events", "alerts", "pages", "shifts")
    }
    return Tables(
        **read, people=frames.people(connection), as_of=pd.Timestamp(at.astimezone(UTC)).as_unit("us")
    )


def _from_days(since: datetime, through: datetime) -> "Tables":
    import pandas as pd

    from analytics import compact, frames
    from analytics.tables import Tables

    connection = db.session.connection()
    start = pd.Timestamp(since.astimezone(UTC))
    read = {name: compact.unpack(keep.days_of(name, since), kinds) for name, (_, kinds) in keep.TABLES.items()}
    return Tables(
        **read, shifts=frames.shifts(connection, start), people=frames.people(connection),
        as_of=pd.Timestamp(through.astimezone(UTC)).as_unit("us"),
    )  # fmt: skip
