"""How far the event log has been read for those outside."""

from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model


class ToldUpTo(Model):
    """One row: every event up to this one has been told to whom it concerns."""

    __tablename__ = "told_up_to"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]
