"""Updates of an incident, and when the next one is promised."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.add_column("incident", sa.Column("next_update_at", UtcDateTime(), nullable=True))
    op.add_column("incident", sa.Column("update_nagged_at", UtcDateTime(), nullable=True))
    due = sa.text("next_update_at IS NOT NULL")
    op.create_index(
        "incident_update_due_index", "incident", ["next_update_at"], sqlite_where=due, postgresql_where=due
    )
    op.create_table(
        "incident_update",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("issue", "service", "since", "severity", "how_far", "steps", "who")
        ),
        sa.Column("told_severity", sa.String(32), nullable=False),
        sa.Column("audience", sa.String(32), nullable=False),
        sa.Column("sent_by_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_update_pkey")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("incident_update_incident_id_fkey")
        ),
        sa.ForeignKeyConstraint(["sent_by_id"], ["user.id"], name=op.f("incident_update_sent_by_id_fkey")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("incident_update_incident_id_number_unique")),
    )
