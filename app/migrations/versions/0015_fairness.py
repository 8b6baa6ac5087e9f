"""What hours weigh on a schedule, and which of its days are holidays."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "fairness_rules",
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("holidays", sa.JSON(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("schedule_id", name=op.f("fairness_rules_pkey")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("fairness_rules_schedule_id_fkey")),
    )
