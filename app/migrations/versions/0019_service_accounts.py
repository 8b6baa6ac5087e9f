"""A program may have an account of its own, which nobody signs in to and nobody pages."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("user", sa.Column("is_service", sa.Boolean(), nullable=False, server_default=sa.false()))
