"""Incidents that only those in them see, and incidents that an administrator has removed."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    op.add_column(
        "incident", sa.Column("is_restricted", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("incident", sa.Column("removed_at", UtcDateTime(), nullable=True))
