"""Rings of three: swaps that go round between three people, all at once or not at all."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.create_table(
        "ring",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("legs", sa.JSON(), nullable=False),
        sa.Column("agreed", sa.JSON(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("ring_pkey")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("ring_schedule_id_fkey")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["user.id"], name=op.f("ring_proposed_by_id_fkey")),
    )
    op.create_index(op.f("ring_schedule_id_index"), "ring", ["schedule_id"])
    with op.batch_alter_table("swap") as swap:
        swap.add_column(sa.Column("ring_id", sa.Integer(), nullable=True))
        swap.create_foreign_key(op.f("swap_ring_id_fkey"), "ring", ["ring_id"], ["id"])
        swap.create_index(op.f("swap_ring_id_index"), ["ring_id"])
