"""Time off that came from a calendar is told from what somebody typed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with op.batch_alter_table("time_off") as batch_op:
        batch_op.add_column(sa.Column("is_imported", sa.Boolean(), nullable=False, server_default=sa.false()))
