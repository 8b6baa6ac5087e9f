"""When a way to a person was given its turn sooner than their rules say."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0095"
down_revision = "0073"


def upgrade() -> None:
    op.add_column("delivery", sa.Column("sooner_at", UtcDateTime(), nullable=True))
