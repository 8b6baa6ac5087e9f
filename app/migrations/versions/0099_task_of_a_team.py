"""A task of an incident may be a whole team's."""

import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "0098"


def upgrade() -> None:
    with op.batch_alter_table("incident_task") as table:
        table.add_column(sa.Column("team_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("incident_task_team_id_fkey"), "team", ["team_id"], ["id"])
