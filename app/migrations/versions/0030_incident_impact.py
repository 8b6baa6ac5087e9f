"""Who notices an incident, in plain words."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("incident", sa.Column("impact", sa.Text(), server_default="", nullable=False))
