"""An alert that a rule gives to another team is asked as that team's policy says."""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0099"


def upgrade() -> None:
    with op.batch_alter_table("escalation") as table:
        table.add_column(sa.Column("team_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("escalation_team_id_fkey"), "team", ["team_id"], ["id"])
