"""Who wants to be told when an incident changes."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    op.create_table(
        "incident_watcher",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "user_id", name=op.f("incident_watcher_pkey")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("incident_watcher_incident_id_fkey")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("incident_watcher_user_id_fkey")),
    )
    op.create_index(op.f("incident_watcher_user_id_index"), "incident_watcher", ["user_id"])
