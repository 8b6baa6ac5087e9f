"""Profiles, further contacts, the organisation's lock screens; teams and services say what they are."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    no = sa.false()
    op.add_column(
        "organisation", sa.Column("hide_lock_screen_text", sa.Boolean(), nullable=False, server_default=no)
    )
    op.add_column("user", sa.Column("title", sa.Text(), nullable=False, server_default=""))
    op.add_column("user", sa.Column("skills", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("user", sa.Column("quiet_hours", sa.JSON(), nullable=True))
    op.add_column("user", sa.Column("sleep_hours", sa.JSON(), nullable=True))
    op.add_column("user", sa.Column("forgotten_at", UtcDateTime(), nullable=True))
    op.add_column("team", sa.Column("description", sa.Text(), nullable=False, server_default=""))
    op.add_column("team", sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("service", sa.Column("kind", sa.String(32), nullable=False, server_default="technical"))
    op.create_table(
        "contact_method",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("verified_at", UtcDateTime(), nullable=True),
        sa.Column("code_hash", sa.Text(), nullable=True),
        sa.Column("code_sent_at", UtcDateTime(), nullable=True),
        sa.Column("code_guesses", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("contact_method_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("contact_method_pkey")),
        sa.UniqueConstraint(
            "user_id", "kind", "address", name=op.f("contact_method_user_id_kind_address_unique")
        ),
    )
