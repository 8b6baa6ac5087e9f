"""A request by which a taker hands hours on knows which swap it releases them from."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    with op.batch_alter_table("swap") as swap:
        swap.add_column(sa.Column("releases_id", sa.Integer(), nullable=True))
        swap.create_foreign_key(op.f("swap_releases_id_fkey"), "swap", ["releases_id"], ["id"])
