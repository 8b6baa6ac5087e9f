"""A delivery notes that its device never said it showed the page."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("delivery", sa.Column("silent_since", UtcDateTime(), nullable=True))
    unheard = sa.text("silent_since IS NULL AND state IN ('accepted', 'received')")
    op.create_index(
        "delivery_unheard_index", "delivery", ["accepted_at"], unique=False,
        sqlite_where=unheard, postgresql_where=unheard,
    )  # fmt: skip
