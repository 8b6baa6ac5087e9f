"""Pages that only ask to be tapped, so that a phone proves that it rings."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.create_table(
        "drill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=True),
        sa.Column("shift_start", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("page_id", sa.Integer(), nullable=True),
        sa.Column("passed_at", UtcDateTime(), nullable=True),
        sa.Column("failed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("drill_page_id_fkey")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("drill_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("drill_pkey")),
        sa.UniqueConstraint(
            "user_id", "schedule_id", "shift_start", name=op.f("drill_user_id_schedule_id_shift_start_unique")
        ),
    )
    op.create_index("drill_user_index", "drill", ["user_id", "id"], unique=False)
    unjudged = sa.text("passed_at IS NULL AND failed_at IS NULL")
    op.create_index(
        "drill_running_index",
        "drill",
        ["due_at"],
        unique=False,
        sqlite_where=unjudged,
        postgresql_where=unjudged,
    )
