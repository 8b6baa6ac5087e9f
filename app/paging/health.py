"""Whether paging is known to work: an engine went through all that was due, and when."""

from datetime import datetime, timedelta

from app.database import db, transaction
from app.paging.models import EngineRound

THE_ROW = 1
NOTED_EVERY = timedelta(seconds=15)


def seen_at() -> datetime | None:
    """When an engine last finished a round; None when none ever did."""
    row = db.session.get(EngineRound, THE_ROW)
    return None if row is None else row.at


def note_round(at: datetime) -> bool:
    """An engine finished a round at `at`. Written every 15 s at most; says whether it was now."""
    db.session.rollback()
    before = seen_at()
    if before is not None and before <= at < before + NOTED_EVERY:
        return False
    with transaction() as session:
        session.merge(EngineRound(id=THE_ROW, at=at))
    return True
