"""Keys of integrations in rows of their own, so that two can be live while senders move over."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "integration_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("integration_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name=op.f("integration_key_integration_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("integration_key_pkey")),
        sa.UniqueConstraint("key_hash", name=op.f("integration_key_key_hash_unique")),
    )
    with op.batch_alter_table("integration_key") as batch_op:
        batch_op.create_index(op.f("integration_key_integration_id_index"), ["integration_id"], unique=False)
    op.execute(
        "INSERT INTO integration_key (integration_id, key_hash, prefix, created_at, last_used_at)"
        " SELECT id, key_hash, key_prefix, created_at, last_used_at FROM integration"
    )
    with op.batch_alter_table("integration") as batch_op:
        batch_op.drop_constraint(op.f("integration_key_hash_unique"), type_="unique")
        batch_op.drop_column("key_hash")
        batch_op.drop_column("key_prefix")
