"""Whether paging is known to work: when an engine went through all that was due, and what the auditor found."""

from datetime import datetime, timedelta
from typing import Any

from app.database import db, transaction
from app.paging.models import AuditorRound, EngineRound

THE_ROW = 1
AUDITED_WITHIN = timedelta(minutes=3)
NOTED_EVERY = timedelta(seconds=10)


def seen_at() -> datetime | None:
    """When an engine last finished a round; None when none ever did."""
    row = db.session.get(EngineRound, THE_ROW)
    return None if row is None else row.at


def note_round(at: datetime) -> bool:
    """An engine finished a round at `at`. Written every 10 s at most; says whether it was now."""
    db.session.rollback()
    before = seen_at()
    if before is not None and before <= at < before + NOTED_EVERY:
        return False
    with transaction() as session:
        session.merge(EngineRound(id=THE_ROW, at=at))
    return True


def audited() -> AuditorRound | None:
    """When the auditor last looked, and what it found; None when it never did."""
    return db.session.get(AuditorRound, THE_ROW)


def note_audit(found: list[dict[str, Any]], *, at: datetime) -> None:
    """The auditor has looked. Inside a transaction."""
    db.session.merge(AuditorRound(id=THE_ROW, at=at, found=found))
