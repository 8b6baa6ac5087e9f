"""Synthetic events that prove the paging path, and what the auditor last found."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "canary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("heard_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("canary_pkey")),
        sa.UniqueConstraint("nonce", name=op.f("canary_nonce_unique")),
    )
    unsent = sa.text("sent_at IS NULL")
    op.create_index(
        "canary_waiting_index", "canary", ["id"], unique=False, sqlite_where=unsent, postgresql_where=unsent
    )
    op.create_index("canary_heard_at_index", "canary", ["heard_at"], unique=False)
    op.create_table(
        "auditor_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("auditor_round_pkey")),
    )
    op.create_index("page_created_at_index", "page", ["created_at"], unique=False)
