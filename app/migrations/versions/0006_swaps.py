"""Swaps: who asks whom to cover which hours, what schedules ask of them, and which exceptions they became."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "swap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("requester_id", sa.Integer(), nullable=False),
        sa.Column("taker_id", sa.Integer(), nullable=True),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("end", UtcDateTime(), nullable=False),
        sa.Column("pieces", sa.JSON(), nullable=False),
        sa.Column("return_start", UtcDateTime(), nullable=True),
        sa.Column("return_end", UtcDateTime(), nullable=True),
        sa.Column("return_pieces", sa.JSON(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("declined", sa.JSON(), nullable=False),
        sa.Column("exempt", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("part_of_id", sa.Integer(), nullable=True),
        sa.Column("handed_on_to_id", sa.Integer(), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("reminded_minutes", sa.Integer(), nullable=True),
        sa.Column("next_due_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("swap_pkey")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("swap_schedule_id_fkey")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("swap_owner_id_fkey")),
        sa.ForeignKeyConstraint(["requester_id"], ["user.id"], name=op.f("swap_requester_id_fkey")),
        sa.ForeignKeyConstraint(["taker_id"], ["user.id"], name=op.f("swap_taker_id_fkey")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["user.id"], name=op.f("swap_approved_by_id_fkey")),
        sa.ForeignKeyConstraint(["part_of_id"], ["swap.id"], name=op.f("swap_part_of_id_fkey")),
        sa.ForeignKeyConstraint(["handed_on_to_id"], ["swap.id"], name=op.f("swap_handed_on_to_id_fkey")),
    )
    for column in ("schedule_id", "owner_id", "taker_id", "next_due_at"):
        op.create_index(op.f(f"swap_{column}_index"), "swap", [column])
    op.create_table(
        "swap_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("swap_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("end", UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("swap_offer_pkey")),
        sa.ForeignKeyConstraint(["swap_id"], ["swap.id"], name=op.f("swap_offer_swap_id_fkey")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("swap_offer_user_id_fkey")),
    )
    op.create_index(op.f("swap_offer_swap_id_index"), "swap_offer", ["swap_id"])
    op.create_table(
        "swap_rules",
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("rest_hours", sa.Integer(), nullable=False),
        sa.Column("eligible", sa.JSON(), nullable=False),
        sa.Column("auto_hours_ahead", sa.Integer(), nullable=True),
        sa.Column("auto_rest_kept", sa.Boolean(), nullable=False),
        sa.Column("auto_on_roster", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("schedule_id", name=op.f("swap_rules_pkey")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("swap_rules_schedule_id_fkey")),
    )
    with op.batch_alter_table("override") as override:
        override.add_column(
            sa.Column("kind", sa.String(32), nullable=False, server_default=sa.text("'override'"))
        )
        override.add_column(sa.Column("swap_id", sa.Integer(), nullable=True))
        override.create_foreign_key(op.f("override_swap_id_fkey"), "swap", ["swap_id"], ["id"])
        override.create_index(op.f("override_swap_id_index"), ["swap_id"])
    with op.batch_alter_table("override") as override:
        override.alter_column("kind", existing_type=sa.String(32), server_default=None)
