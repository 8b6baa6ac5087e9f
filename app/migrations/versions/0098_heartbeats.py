"""A way in that is heard from again and again, and raises an alert when it falls silent."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0098"
down_revision = "0097"


def upgrade() -> None:
    op.add_column("integration", sa.Column("silent_after_minutes", sa.Integer(), nullable=True))
    op.add_column("integration", sa.Column("last_beat_at", UtcDateTime(), nullable=True))
    op.add_column("integration", sa.Column("beat_due_at", UtcDateTime(), nullable=True))
    op.create_index(op.f("integration_beat_due_at_index"), "integration", ["beat_due_at"])
