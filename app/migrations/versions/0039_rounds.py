"""Rounds of an incident: what people see, the ways to fix it, the commander's word, what came of it."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.create_table(
        "incident_cycle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_cycle_pkey")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("incident_cycle_incident_id_fkey")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("incident_cycle_incident_id_number_unique")),
    )
    op.create_table(
        "symptom",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("seen_by_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("symptom_pkey")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("symptom_incident_id_fkey")),
        sa.ForeignKeyConstraint(["cycle_id"], ["incident_cycle.id"], name=op.f("symptom_cycle_id_fkey")),
        sa.ForeignKeyConstraint(["seen_by_id"], ["user.id"], name=op.f("symptom_seen_by_id_fkey")),
    )
    op.create_index(op.f("symptom_incident_id_index"), "symptom", ["incident_id"])
    op.create_table(
        "fix_option",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("risk", sa.String(32), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("takes_minutes", sa.Integer(), nullable=True),
        sa.Column("can_be_undone", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_because", sa.Text(), nullable=True),
        sa.Column("bypass_reason", sa.Text(), nullable=True),
        sa.Column("begun_by_id", sa.Integer(), nullable=True),
        sa.Column("begun_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("fix_option_pkey")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fix_option_incident_id_fkey")),
        sa.ForeignKeyConstraint(["cycle_id"], ["incident_cycle.id"], name=op.f("fix_option_cycle_id_fkey")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["user.id"], name=op.f("fix_option_proposed_by_id_fkey")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fix_option_decided_by_id_fkey")),
        sa.ForeignKeyConstraint(["begun_by_id"], ["user.id"], name=op.f("fix_option_begun_by_id_fkey")),
        sa.CheckConstraint(
            "state NOT IN ('doing', 'done') OR decided_by_id IS NOT NULL OR bypass_reason IS NOT NULL",
            name=op.f("fix_option_done_with_approval_or_reason"),
        ),
    )
    op.create_index(op.f("fix_option_incident_id_index"), "fix_option", ["incident_id"])
