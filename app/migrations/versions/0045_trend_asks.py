"""Questions to Trends that wait until they are worked out."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.create_table(
        "trend_ask",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("trend_ask_pkey")),
    )
