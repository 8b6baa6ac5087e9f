"""Shadows: people who get copies of a schedule's pages and never count as cover."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "shadow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("end", UtcDateTime(), nullable=True),
        sa.Column("handoff_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("shadow_pkey")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("shadow_schedule_id_fkey")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("shadow_user_id_fkey")),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoff.id"], name=op.f("shadow_handoff_id_fkey")),
    )
    for column in ("schedule_id", "user_id", "handoff_id"):
        op.create_index(op.f(f"shadow_{column}_index"), "shadow", [column])
