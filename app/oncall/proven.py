"""Who can be rung at all, and when it was last proven that they can be (D2)."""

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.device_test import proof_in_words
from app.domain.words import ContactKind
from app.oncall.models import Drill
from app.paging.models import Delivery, PushSubscription
from app.people import queries
from app.people.models import ContactMethod


def proofs(user_ids: Collection[int]) -> dict[int, datetime | None]:
    """Those who have a device, or a number where texts leave, each with the last time it was proven to ring
    (None: never).

    A device proves it by a tapped test page or drill. Of whoever has a number only, a drill
    answered by it does.
    """
    return (_by_telephone(user_ids) if queries.telephone_leaves() else {}) | _by_device(user_ids)


def unproven(user_id: int, proven: Mapping[int, datetime | None], *, now: datetime) -> str | None:
    """What to say of a person by `proofs`, in words; None where they could be rung within the last 30 days."""
    if user_id not in proven:
        return "No device to ring"
    return proof_in_words(proven[user_id], now=now)


def _by_device(user_ids: Collection[int]) -> dict[int, datetime | None]:
    live = sa.select(PushSubscription.user_id, sa.func.max(PushSubscription.verified_at)).where(
        PushSubscription.user_id.in_(user_ids), PushSubscription.removed_at.is_(None)
    )
    return dict(db.session.execute(live.group_by(PushSubscription.user_id)).all())


def _by_telephone(user_ids: Collection[int]) -> dict[int, datetime | None]:
    there = sa.and_(Delivery.page_id == Drill.page_id, Delivery.contact_id == ContactMethod.id)
    answered = (
        sa.select(ContactMethod.user_id, sa.func.max(Delivery.acked_at))
        .outerjoin(Drill, Drill.user_id == ContactMethod.user_id)
        .outerjoin(Delivery, there)  # a drill that was answered elsewhere says nothing of this number
        .where(ContactMethod.user_id.in_(user_ids), ContactMethod.kind == ContactKind.PHONE)
        .where(ContactMethod.verified_at.is_not(None))
        .group_by(ContactMethod.user_id)
    )
    return dict(db.session.execute(answered).all())
