"""A program may have an account of its own, which nobody signs in to and nobody pages."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("user", sa.Column("is_service", sa.Boolean(), nullable=False, server_default=sa.false()))
