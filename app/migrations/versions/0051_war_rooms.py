"""Where people meet about an incident, and how the organisation makes such rooms."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0051"
down_revision = "0050"

DUE = sa.text("next_try_at IS NOT NULL")


def upgrade() -> None:
    op.add_column(
        "organisation", sa.Column("war_room", sa.JSON(), nullable=False, server_default=sa.text("'{}'"))
    )
    op.create_table(
        "incident_room",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("incident_id", "use", name=op.f("incident_room_pkey")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("incident_room_incident_id_fkey")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["user.id"], name=op.f("incident_room_opened_by_id_fkey")),
    )
    op.create_index(
        "incident_room_due_index", "incident_room", ["next_try_at"], sqlite_where=DUE, postgresql_where=DUE
    )
