"""An organisation may open reading to everybody who responds."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    with op.batch_alter_table("organisation") as batch_op:
        batch_op.add_column(
            sa.Column("is_reading_open", sa.Boolean(), nullable=False, server_default=sa.false())
        )
