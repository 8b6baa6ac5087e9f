"""When an integration last sent more than it may."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0063"
down_revision = "0062"


def upgrade() -> None:
    op.add_column("integration", sa.Column("slowed_at", UtcDateTime(), nullable=True))
