"""What somebody is to do inside an incident."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    op.create_table(
        "incident_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_task_pkey")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("incident_task_incident_id_fkey")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("incident_task_owner_id_fkey")),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("incident_task_created_by_id_fkey")),
        sa.ForeignKeyConstraint(["done_by_id"], ["user.id"], name=op.f("incident_task_done_by_id_fkey")),
    )
    op.create_index(op.f("incident_task_incident_id_index"), "incident_task", ["incident_id"])
