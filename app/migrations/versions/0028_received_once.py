"""Names of what may come in only once, kept for a day against replay."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "received",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="received_pkey"),
    )
    op.create_index("received_at_index", "received", ["at"], unique=False)
