"""The pages of Trends that are kept ready: what was asked for lately, made again when its days have changed,
and what a first look would ask for.

Where there is little, a page that is not kept is computed when it is asked for. Where there is much, it is
worked out beside the engine, and whoever asks is told so. Each says as of when it speaks.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.database import db, transaction
from app.trends import compute, keep, tables, usual
from app.trends.asked import Asked
from app.trends.compute import Made
from app.trends.models import TrendAsk, TrendMark, TrendPage

log = logging.getLogger(__name__)

ASKED_WITHIN = timedelta(days=7)
NOTED = timedelta(hours=1)  # a look is noted once in so long
SHARE = 20  # a page that takes a second is made again every twenty at the most often
FEW = 5_000  # rows: with up to so many a page is made while somebody waits
AHEAD_FOR = timedelta(hours=20)  # what was worked out ahead is made again after so long
UNASKED = timedelta(days=2)  # and forgotten after so long
OFTEN, SELDOM = timedelta(minutes=1), keep.FRESH - timedelta(minutes=2)


def at_hand(asked: Asked, now: datetime) -> Made | None:
    """The page as it is kept, at most ten minutes old and without its figures; else as it is now. Where that
    takes long, the last one that was kept, or None, and it is worked out beside the engine from now on.
    """
    row = _newest(asked)
    is_old = row is None or row.as_of < now - keep.FRESH
    if is_old and not _is_much(now):
        return _make(asked, tables.as_of(now), now)
    if is_old:
        _ask(asked, now)
    elif row.asked_at < now - NOTED:
        with transaction() as session:
            session.execute(sa.update(TrendPage).where(TrendPage.key == asked.key).values(asked_at=now))
    return row and Made(row.as_of, row.says, {}, is_outgrown=is_old)


def _newest(asked: Asked) -> Any:
    return db.session.execute(
        sa.select(TrendPage.as_of, TrendPage.says, TrendPage.asked_at)  # figures are fetched by themselves
        .where(TrendPage.key == asked.key)
        .order_by(TrendPage.as_of.desc())
        .limit(1)
    ).first()


def _is_much(now: datetime) -> bool:
    """Whether to compute would keep somebody waiting. Where no days are kept the engine is not at it, and
    nobody is sent to wait for it.
    """
    since = now - tables.REACH
    return keep.kept_since(since, now) is not None and keep.rows_since(since) > FEW


def _ask(asked: Asked, now: datetime) -> None:
    if db.session.get(TrendAsk, asked.key) is not None:
        return
    try:
        with transaction() as session:
            session.add(TrendAsk(key=asked.key, asked=vars(asked), asked_at=now))
    except sa.exc.IntegrityError:  # somebody else asked in this moment
        db.session.rollback()


def is_asked(now: datetime) -> bool:
    """Whether somebody waits for a page that can be made now."""
    waits = db.session.scalar(sa.select(TrendAsk.key).limit(1)) is not None
    return waits and keep.kept_since(now - tables.REACH, now) is not None


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
    outgrown = [
        (Asked.from_data(row.asked), row.key)
        for row in rows
        if row.as_of < through
        and now - row.as_of >= min(SELDOM, max(OFTEN, SHARE * timedelta(seconds=row.seconds)))
    ]
    # under a key of another Nightbell it would be kept elsewhere, and be due for ever
    return [asked for asked, key in outgrown if asked.key == key]


def ahead(now: datetime) -> list[Asked]:
    """What a first look would ask for and is not there, or is of yesterday; nothing where there is little."""
    if not _is_much(now):
        return []
    lately = sa.select(TrendPage.key).where(TrendPage.as_of > now - AHEAD_FOR)
    there = set(db.session.scalars(lately))
    return [asked for asked in usual.questions() if asked.key not in there]


def renew(now: datetime) -> int:
    """Make what somebody waits for, make again what is due, then what a first look would ask for; and forget
    what nobody asks for. Returns how many were made.
    """
    with transaction() as session:
        old = TrendPage.asked_at < now - ASKED_WITHIN
        session.execute(sa.delete(TrendPage).where(old, TrendPage.as_of < now - UNASKED))
        session.execute(sa.delete(TrendAsk).where(TrendAsk.asked_at < now - UNASKED))
    made = _answer(now)
    for asked in due(now):
        made += _made(asked, now, asked_at=None) + _answer(now)
    for asked in ahead(now):
        made += _made(asked, now, asked_at=now - ASKED_WITHIN) + _answer(now)
    return made


def _answer(now: datetime) -> int:
    """Make what people wait for now: they come before whatever else is in hand."""
    if not is_asked(now):
        return 0
    made = 0
    waiting = sa.select(TrendAsk.asked, TrendAsk.asked_at).order_by(TrendAsk.asked_at, TrendAsk.key)
    for data, at in db.session.execute(waiting).all():  # values: another engine may answer one meanwhile
        asked = Asked.from_data(data)
        newest = _newest(asked)
        if newest is None or newest.as_of < at - keep.FRESH:
            made += _made(asked, now, asked_at=at)
        with transaction() as session:
            session.execute(sa.delete(TrendAsk).where(TrendAsk.key == asked.key))
    return made


def _made(asked: Asked, now: datetime, *, asked_at: datetime | None) -> int:
    db.session.rollback()
    try:
        _make(asked, tables.as_of(now), now, asked_at=asked_at)
    except Exception:
        log.exception("the page %s of Trends could not be made", asked.page)
        db.session.rollback()
        return 0
    return 1


def _make(asked: Asked, moment: datetime, now: datetime, **looked: datetime | None) -> Made:
    is_kept = keep.kept_since(now - tables.REACH, now) is not None
    began = time.perf_counter()
    made = compute.page(asked, tables.read(moment, now), moment)
    if is_kept:
        _put(asked, made, time.perf_counter() - began, asked_at=looked.get("asked_at", now))
    return made


def _put(asked: Asked, made: Made, seconds: float, *, asked_at: datetime | None) -> None:
    """Keep it, and the one before it: somebody's figures may still be on their way."""
    db.session.rollback()  # what was read is read; the write lock is taken for a moment only
    try:
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
    except sa.exc.IntegrityError:  # another engine kept the same page in this moment
        db.session.rollback()
