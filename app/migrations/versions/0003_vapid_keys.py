"""A device remembers which of our keys it subscribed with, so that two can be in use while phones move over."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("push_subscription", sa.Column("vapid_key", sa.Text(), nullable=True))
