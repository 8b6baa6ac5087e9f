"""Questions about pages and the devices they went to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.database import db
from app.domain.timeline import Subject
from app.domain.words import PageKind
from app.paging.models import Page, PushSubscription


def pages_about(subject_kind: Subject, subject_id: int, *, run: int | None = None) -> Sequence[Page]:
    """The pages of a subject, of one run or of all, newest first, each with its person and deliveries."""
    rows = sa.select(Page).where(
        Page.subject_kind == subject_kind, Page.subject_id == subject_id, Page.kind == PageKind.PAGE
    )
    if run is not None:
        rows = rows.where(Page.run == run)
    return db.session.scalars(
        rows.order_by(Page.id.desc()).options(joinedload(Page.user), selectinload(Page.deliveries))
    ).all()


def last_page_of(user_id: int) -> Page | None:
    """The last time a person was paged, tests and notices left out."""
    return db.session.scalars(
        sa.select(Page)
        .where(Page.user_id == user_id, Page.kind == PageKind.PAGE)
        .order_by(Page.id.desc())
        .limit(1)
        .options(selectinload(Page.deliveries))
    ).one_or_none()


def pages_between(user_ids: Iterable[int], start: datetime, end: datetime) -> Mapping[int, Sequence[datetime]]:
    """When each of these people was paged in [start, end): every interruption, tests and notices left out."""
    asked: dict[int, list[datetime]] = defaultdict(list)
    for user_id, at in db.session.execute(
        sa.select(Page.user_id, Page.created_at).where(
            Page.user_id.in_(set(user_ids)), Page.kind == PageKind.PAGE, Page.created_at >= start,
            Page.created_at < end,
        )
    ):  # fmt: skip
        asked[user_id].append(at)
    return asked


def newest_proof(user_id: int) -> PushSubscription | None:
    """The device of this person that proved itself last; None when none ever did, or it is gone."""
    return db.session.scalars(
        sa.select(PushSubscription)
        .where(
            PushSubscription.user_id == user_id, PushSubscription.removed_at.is_(None),
            PushSubscription.verified_at.is_not(None),
        )
        .order_by(PushSubscription.verified_at.desc())
        .limit(1)
    ).one_or_none()  # fmt: skip
