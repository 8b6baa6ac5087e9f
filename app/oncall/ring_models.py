"""The rows of rings of three (D14)."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model
from app.domain.words import RingState
from app.oncall.models import Schedule


class Ring(Model):
    """Three posted swaps that would go round. `legs`: swap_id, its version then, giver_id, taker_id; `agreed`:
    the ids of those of the three who have said yes.
    """

    __tablename__ = "ring"

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("schedule.id"), index=True)
    state: Mapped[RingState]
    legs: Mapped[list[Any]]
    agreed: Mapped[list[Any]]
    because: Mapped[str] = mapped_column(default="")
    proposed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    schedule: Mapped[Schedule] = relationship()
