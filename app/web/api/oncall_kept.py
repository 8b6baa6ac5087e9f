"""Who is on call now, kept by this process for as long as nothing can have changed it.

That is while the database's mark stands, which every change of a row behind the answer draws again
(app/migrations/on_call_mark.py), and until the minute is over: all hours begin and end at a whole one (R2).
What is kept is the same for whoever may see who is on call; whether somebody may is asked before, every time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from app.database import db
from app.domain.interval import to_the_minute
from app.oncall import queries
from app.web import serialize
from app.web.api.shapes.oncall import OnCallNow

_MINUTE = timedelta(minutes=1)
_MARK = sa.text("SELECT mark FROM on_call_mark").columns(sa.column("mark", sa.Text))


@dataclass(frozen=True)
class Kept:
    """The answer from `since` to `until` under `mark`: of each schedule its id, its name, and what is said of
    it, as JSON.
    """

    mark: str
    since: datetime
    until: datetime
    rows: tuple[tuple[str, str, str], ...]

    def holds(self, mark: str, at: datetime) -> bool:
        return self.mark == mark and self.since <= at < self.until


def now(at: datetime) -> tuple[tuple[str, str, str], ...]:
    """Of each schedule at `at`, which is now, its id, its name, and who has it as JSON.

    Not for a transaction that has changed something: on PostgreSQL its own change draws the mark at its end.
    """
    # the mark first: rows that are read later may be newer than it, and are then never served under the next
    mark: str = db.session.execute(_MARK).scalar_one()
    kept: Kept | None = current_app.extensions.get("oncall_kept")
    if kept is None or not kept.holds(mark, at):
        kept = Kept(mark, at, to_the_minute(at) + _MINUTE, _computed(at))
        current_app.extensions["oncall_kept"] = kept
    return kept.rows


def _computed(at: datetime) -> tuple[tuple[str, str, str], ...]:
    found = serialize.board(queries.on_call_board(at), at)
    return tuple((each.schedule.id, each.schedule.name, _json(each)) for each in found)


def _json(row: OnCallNow) -> str:
    return current_app.json.dumps(row.model_dump(mode="json", by_alias=True))
