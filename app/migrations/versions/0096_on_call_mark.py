"""A mark that is drawn again with every change of who is on call; kept by triggers, and not in the models."""

import sqlalchemy as sa
from alembic import op

from app.migrations import on_call_mark

revision = "0096"
down_revision = "0095"


def upgrade() -> None:
    op.create_table(
        "on_call_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("by_transaction", sa.Text(), nullable=True),  # on PostgreSQL, so that one draws it once
        sa.PrimaryKeyConstraint("id", name=op.f("on_call_mark_pkey")),
        sa.CheckConstraint("id = 1", name=op.f("on_call_mark_is_one")),
    )
    connection = op.get_bind()
    drawn = "lower(hex(randomblob(16)))" if connection.dialect.name == "sqlite" else "gen_random_uuid()::text"
    first = f"INSERT INTO on_call_mark (id, mark) VALUES (1, {drawn})"  # nosec B608 - one of two words above
    connection.exec_driver_sql(first)
    if connection.dialect.name == "postgresql":
        on_call_mark.make_on_postgresql(connection)
