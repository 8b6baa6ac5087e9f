"""Actions: what somebody promised to change because of an incident."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0070"
down_revision = "0063"


def upgrade() -> None:
    op.create_table(
        "action_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("improves", sa.String(32), nullable=True),
        sa.Column("improves_id", sa.Integer(), nullable=True),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("action_item_pkey")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("action_item_incident_id_fkey")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("action_item_owner_id_fkey")),
        sa.ForeignKeyConstraint(["done_by_id"], ["user.id"], name=op.f("action_item_done_by_id_fkey")),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("action_item_created_by_id_fkey")),
    )
    op.create_index(op.f("action_item_incident_id_index"), "action_item", ["incident_id"])
    op.create_index(op.f("action_item_owner_id_index"), "action_item", ["owner_id"])
    op.create_index("action_item_improves_index", "action_item", ["improves", "improves_id"])
    is_open = sa.text("done_at IS NULL")
    op.create_index(
        "action_item_due_index", "action_item", ["due_at"], sqlite_where=is_open, postgresql_where=is_open
    )
