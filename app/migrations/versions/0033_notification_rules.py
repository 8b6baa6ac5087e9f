"""A person says by which ways they want to be paged, and how long after the page."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "notification_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("urgency", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("after_seconds", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("notification_rule_pkey")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("notification_rule_user_id_fkey")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact_method.id"], name=op.f("notification_rule_contact_id_fkey"),
            ondelete="CASCADE",
        ),
    )  # fmt: skip
    op.create_index(op.f("notification_rule_user_id_index"), "notification_rule", ["user_id"])
