"""Entries of an incident's timeline that are pinned, or whose time was put right."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    op.create_table(
        "timeline_mark",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("pinned_at", UtcDateTime(), nullable=True),
        sa.Column("happened_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("incident_id", "event_id", name=op.f("timeline_mark_pkey")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("timeline_mark_incident_id_fkey")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("timeline_mark_event_id_fkey")),
    )
