"""Handoffs with proof: who gives the pager to whom, the notes, and whether it was confirmed."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "handoff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("incoming_id", sa.Integer(), nullable=False),
        sa.Column("outgoing_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("stay_asked_at", UtcDateTime(), nullable=True),
        sa.Column("stays_at", UtcDateTime(), nullable=True),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("handoff_pkey")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("handoff_schedule_id_fkey")),
        sa.ForeignKeyConstraint(["incoming_id"], ["user.id"], name=op.f("handoff_incoming_id_fkey")),
        sa.ForeignKeyConstraint(["outgoing_id"], ["user.id"], name=op.f("handoff_outgoing_id_fkey")),
        sa.UniqueConstraint(
            "schedule_id", "at", "incoming_id", name=op.f("handoff_schedule_id_at_incoming_id_unique")
        ),
    )
    op.create_index(op.f("handoff_incoming_id_index"), "handoff", ["incoming_id"])
    op.create_index(op.f("handoff_outgoing_id_index"), "handoff", ["outgoing_id"])
    op.create_index(op.f("handoff_next_at_index"), "handoff", ["next_at"])
