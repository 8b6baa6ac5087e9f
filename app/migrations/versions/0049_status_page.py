"""The status page: whether it is public, what it calls a service, and who is mailed its updates."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    op.add_column(
        "organisation", sa.Column("is_status_public", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("service", sa.Column("public_name", sa.Text(), nullable=False, server_default=""))
    op.add_column("mail", sa.Column("leave_url", sa.Text(), nullable=True))
    op.create_table(
        "status_subscriber",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("status_subscriber_pkey")),
        sa.UniqueConstraint("address", name=op.f("status_subscriber_address_unique")),
    )
