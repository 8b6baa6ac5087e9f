"""The pages of Trends that are kept ready: what was asked for lately, made again when its days have changed.

A page that nobody has asked for is computed when it is; from then on it is kept, for as long as somebody looks
at it now and then. Each says as of when it speaks.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.database import db, transaction
from app.trends import compute, keep, tables
from app.trends.asked import Asked
from app.trends.compute import Made
from app.trends.models import TrendMark, TrendPage

log = logging.getLogger(__name__)

ASKED_WITHIN = timedelta(days=7)
NOTED = timedelta(hours=1)  # a look is noted once in so long
SHARE = 20  # a page that takes a second is made again every twenty at the most often
OFTEN, SELDOM = timedelta(minutes=1), keep.FRESH - timedelta(minutes=2)


def at_hand(asked: Asked, now: datetime) -> Made:
    """The page as it is kept, at most ten minutes old and without its figures; else as it is now."""
    row = db.session.execute(
        sa.select(TrendPage.as_of, TrendPage.says, TrendPage.asked_at)  # figures are fetched by themselves
        .where(TrendPage.key == asked.key, TrendPage.as_of >= now - keep.FRESH)
        .order_by(TrendPage.as_of.desc())
        .limit(1)
    ).first()
    if row is None:
        return _make(asked, tables.as_of(now), now)
    made = Made(row.as_of, row.says, {})
    if row.asked_at < now - NOTED:
        with transaction() as session:
            session.execute(sa.update(TrendPage).where(TrendPage.key == asked.key).values(asked_at=now))
    return made


def figures(asked: Asked, theme: str, *, as_of: datetime, now: datetime) -> str:
    """The figures of the page that was read at `as_of`, as one JSON object; drawn again where they are not kept
    any more.
    """
    found: dict[str, str] | None = _of_then(TrendPage.figures, asked, as_of)
    return (found or _then(asked, as_of, now).figures)[theme]


def table(asked: Asked, card: str, *, as_of: datetime, now: datetime) -> dict[str, Any] | None:
    """The card of that name with its whole table, of the page that was read at `as_of`; None for none such."""
    says: dict[str, Any] = _of_then(TrendPage.says, asked, as_of) or _then(asked, as_of, now).says
    return next((one for one in says["cards"] if one["name"] == card), None)


def _of_then(part: Any, asked: Asked, as_of: datetime) -> Any:
    return db.session.scalars(
        sa.select(part).where(TrendPage.key == asked.key, TrendPage.as_of == as_of)
    ).first()


def _then(asked: Asked, as_of: datetime, now: datetime) -> Made:
    return compute.page(asked, tables.read(as_of, now), as_of)


def due(now: datetime) -> list[Asked]:
    """The pages that somebody may look at again, and that the days have outgrown; the dearest least often."""
    mark = db.session.get(TrendMark, keep.MARK)
    if mark is None or mark.through < now - keep.FRESH:
        return []
    through = mark.through.replace(microsecond=0)
    newest = sa.select(sa.func.max(TrendPage.id)).group_by(TrendPage.key)
    rows = db.session.scalars(
        sa.select(TrendPage)
        .where(TrendPage.id.in_(newest), TrendPage.asked_at >= now - ASKED_WITHIN)
        .options(sa.orm.defer(TrendPage.says), sa.orm.defer(TrendPage.figures))
        .order_by(TrendPage.as_of, TrendPage.id)
    )
    return [
        Asked.from_data(row.asked)
        for row in rows
        if row.as_of < through
        and now - row.as_of >= min(SELDOM, max(OFTEN, SHARE * timedelta(seconds=row.seconds)))
    ]


def renew(now: datetime) -> int:
    """Make again what is due, and forget what nobody asks for. Returns how many were made."""
    with transaction() as session:
        session.execute(sa.delete(TrendPage).where(TrendPage.asked_at < now - ASKED_WITHIN))
    wanted = due(now)
    db.session.rollback()
    made = 0
    for asked in wanted:
        try:
            _make(asked, tables.as_of(now), now, looked=False)
            made += 1
        except Exception:
            log.exception("the page %s of Trends could not be made", asked.page)
            db.session.rollback()
    return made


def _make(asked: Asked, moment: datetime, now: datetime, *, looked: bool = True) -> Made:
    is_kept = keep.kept_since(now - tables.REACH, now) is not None
    began = time.perf_counter()
    made = compute.page(asked, tables.read(moment, now), moment)
    if is_kept:
        _put(asked, made, time.perf_counter() - began, asked_at=now if looked else None)
    return made


def _put(asked: Asked, made: Made, seconds: float, *, asked_at: datetime | None) -> None:
    """Keep it, and the one before it: somebody's figures may still be on their way."""
    db.session.rollback()  # what was read is read; the write lock is taken for a moment only
    with transaction() as session:
        rows = session.execute(
            sa.select(TrendPage.id, TrendPage.asked_at, TrendPage.as_of)
            .where(TrendPage.key == asked.key)
            .order_by(TrendPage.as_of.desc())
        ).all()
        if any(row.as_of == made.as_of for row in rows):
            return
        last_asked = asked_at or max((row.asked_at for row in rows), default=made.as_of)
        session.execute(sa.delete(TrendPage).where(TrendPage.id.in_([row.id for row in rows[1:]])))
        session.add(
            TrendPage(
                key=asked.key,
                asked=vars(asked),
                as_of=made.as_of,
                asked_at=last_asked,
                seconds=seconds,
                says=made.says,
                figures=made.figures,
            )
        )
