"""Which destinations there are for whom."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from app.database import db
from app.domain.words import ChannelKind
from app.paging.destinations.models import Destination

PROGRAMS = (ChannelKind.WEBHOOK, ChannelKind.SIGNED_WEBHOOK)


def takes_posts(destination_id: int, *, is_program: bool, of_team: int) -> bool:
    """Whether this team has such a room, or such a program, even if it is switched off for a while."""
    row = db.session.get(Destination, destination_id)
    if row is None or row.removed_at is not None or row.team_id not in (None, of_team):
        return False
    return (row.kind in PROGRAMS) is is_program


def live(among: Collection[int] | None = None) -> Sequence[Destination]:
    """Those that have not been removed, by name; of these ids where given."""
    rows = sa.select(Destination).where(Destination.removed_at.is_(None)).order_by(Destination.name)
    if among is not None:
        rows = rows.where(Destination.id.in_(among))
    return db.session.scalars(rows).all()
