"""What the made-up phones report: every page is shown within seconds, and whoever takes the alert presses."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.domain.timeline import Subject
from app.domain.words import DeliveryState, PageKind, PageStatus
from app.paging.models import Delivery, Page


def show(at: datetime) -> None:
    """Whatever is queued has reached its device a moment after `at`."""
    db.session.flush()
    reached = {
        "sent_at": at + timedelta(milliseconds=40),
        "accepted_at": at + timedelta(milliseconds=310),
        "received_at": at + timedelta(milliseconds=1120),
        "shown_at": at + timedelta(milliseconds=1190),
    }
    waiting = sa.update(Delivery).where(Delivery.next_attempt_at.is_not(None))
    values = {"state": DeliveryState.SHOWN, "next_attempt_at": None, "attempts": 1, **reached}
    pages = db.session.scalars(waiting.values(**values).returning(Delivery.page_id)).all()
    queued = sa.update(Page).where(Page.id.in_(pages), Page.status == PageStatus.QUEUED)
    db.session.execute(queued.values(status=PageStatus.DELIVERED))


def press(alert_id: int, user_id: int, at: datetime) -> None:
    """The button on the person's first device, for the page that asked them about this alert."""
    asked = (
        sa.select(sa.func.min(Delivery.id))
        .join(Page)
        .where(Page.subject_kind == Subject.ALERT, Page.subject_id == alert_id, Page.user_id == user_id)
        .where(Page.kind == PageKind.PAGE)
        .scalar_subquery()
    )
    pressed = {"state": DeliveryState.ACKED, "clicked_at": at, "acked_at": at}
    db.session.execute(sa.update(Delivery).where(Delivery.id == asked).values(**pressed))
