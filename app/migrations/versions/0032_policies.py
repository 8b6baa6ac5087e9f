"""A policy says how many must acknowledge, and when an acknowledgement is asked after."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.add_column("escalation_policy", sa.Column("answers", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("escalation_policy", sa.Column("ask_again_minutes", sa.Integer(), nullable=True))
    op.add_column("alert", sa.Column("ask_again_at", UtcDateTime(), nullable=True))
    waits = sa.text("ask_again_at IS NOT NULL")
    op.create_index(
        "alert_ask_again_index", "alert", ["ask_again_at"], sqlite_where=waits, postgresql_where=waits
    )
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("answer_pkey")),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("answer_alert_id_fkey")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("answer_user_id_fkey")),
        sa.UniqueConstraint("alert_id", "run", "user_id", name=op.f("answer_alert_id_run_user_id_unique")),
    )
