"""Temporary schedules: other layers for some days."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("schedule", sa.Column("temporary", sa.JSON(), nullable=False, server_default="[]"))
