"""Playbooks, what was ticked of them, and the organisation's own words in the response plan."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    op.add_column("organisation", sa.Column("response_plan", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "playbook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("severities", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("playbook_pkey")),
    )
    op.create_table(
        "playbook_service",
        sa.Column("playbook_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("playbook_id", "service_id", name=op.f("playbook_service_pkey")),
        sa.ForeignKeyConstraint(
            ["playbook_id"], ["playbook.id"], name=op.f("playbook_service_playbook_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("playbook_service_service_id_fkey"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "playbook_rule",
        sa.Column("playbook_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("playbook_id", "rule_id", name=op.f("playbook_rule_pkey")),
        sa.ForeignKeyConstraint(["playbook_id"], ["playbook.id"], name=op.f("playbook_rule_playbook_id_fkey")),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["response_rule.id"], name=op.f("playbook_rule_rule_id_fkey"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "playbook_tick",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("playbook_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(32), nullable=False),
        sa.Column("ticked_by_id", sa.Integer(), nullable=False),
        sa.Column("ticked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "playbook_id", "item", name=op.f("playbook_tick_pkey")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("playbook_tick_incident_id_fkey")),
        sa.ForeignKeyConstraint(["playbook_id"], ["playbook.id"], name=op.f("playbook_tick_playbook_id_fkey")),
        sa.ForeignKeyConstraint(["ticked_by_id"], ["user.id"], name=op.f("playbook_tick_ticked_by_id_fkey")),
    )
