"""What Trends keeps: packed days, how far they reach, and what was said to recommendations."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "trend_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("trend_day_pkey")),
        sa.UniqueConstraint("table_name", "day", name=op.f("trend_day_table_name_day_unique")),
    )
    op.create_table(
        "trend_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last_event_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("through", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("trend_mark_pkey")),
    )
    op.create_table(
        "recommendation_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("choice", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recommendation", sa.JSON(), nullable=False),
        sa.Column("chosen_by_id", sa.Integer(), nullable=False),
        sa.Column("chosen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chosen_by_id"], ["user.id"], name=op.f("recommendation_choice_chosen_by_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("recommendation_choice_pkey")),
    )
    op.create_index("recommendation_choice_key_index", "recommendation_choice", ["key", "id"])
