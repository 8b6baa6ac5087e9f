"""An alert met a gap: whoever manages the schedule is told, once for each gap (R5).

Nothing is lost by it: the policy goes on, and the last resort is paged when nobody is left. Nor by the telling:
where that fails, the page it came with goes out all the same.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app.database import db
from app.domain import zone
from app.domain.notice import NoticeEvent
from app.domain.schedule import pieces, resolve
from app.domain.walk import open_hours
from app.domain.words import NoticeCategory
from app.notices.post import post
from app.oncall.findings import managers
from app.oncall.proof import requirements_of
from app.oncall.queries import HORIZON, Roster, rosters
from app.timeline import once

log = logging.getLogger(__name__)


def tell(targets: Iterable[Mapping[str, Any]], what: str, *, at: datetime) -> int:
    """A step with these targets asked nobody. Tell the managers of each schedule that had nobody and should
    have had; returns how many schedules that are. `what`: the alert, by its title.
    """
    asked = {int(target["id"]) for target in targets if target["kind"] == "schedule"}
    if not asked:
        return 0
    db.session.flush()  # what fails here is the caller's
    try:
        with db.session.begin_nested():
            return _tell_of(asked, what, at)
    except Exception:
        log.exception("nobody could be told that an alert met a gap of the schedules %s", sorted(asked))
        return 0


def _tell_of(schedule_ids: set[int], what: str, at: datetime) -> int:
    told = 0
    for roster in rosters(at, at + HORIZON, schedule_ids=schedule_ids).values():
        if resolve(roster.config, at) or not _is_wanted(roster, at):
            continue
        # walked only as far as the gap goes: a policy may meet it at every step
        somebody = (piece.start for piece in pieces(roster.config, at, at + HORIZON) if piece.on_call)
        told += _tell(roster, next(somebody, None), what, at)
    return told


def _is_wanted(roster: Roster, at: datetime) -> bool:
    """Whether somebody should be on call: a team may have said that these hours are meant to be silent."""
    hours = requirements_of(roster.schedule).hours
    if hours is None:
        return True
    return any(each.start <= at for each in open_hours(hours, roster.config, at, at + HORIZON)[:1])


def _tell(roster: Roster, ends: datetime | None, what: str, at: datetime) -> bool:
    schedule, tz = roster.schedule, roster.config.zone
    if not once.is_first(f"gap of schedule {schedule.id} until {ends}", at=at):
        return False
    until = f" until {zone.spoken(ends, tz)}" if ends else ""
    post(
        NoticeCategory.ON_CALL, NoticeEvent.GAP_MET, to=managers(schedule.team_id), by=None,
        title=f"{schedule.name}: an alert came and nobody was on call",
        body=f"{what}, {zone.spoken(at, tz)}. Nobody is on call{until}; it went on to the next step of its"
        " policy, and to the last resort after that.",
        link=f"/schedules/{schedule.id}", at=at,
    )  # fmt: skip
    return True
