"""Postmortems: their texts, chronology and comments, and the severities for which one opens by itself."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0061"
down_revision = "0054"


def upgrade() -> None:
    op.add_column(
        "organisation",
        sa.Column("postmortem_severities", sa.JSON(), nullable=False, server_default='["sev1", "sev2"]'),
    )
    op.add_column(
        "organisation", sa.Column("postmortem_template", sa.JSON(), nullable=False, server_default="{}")
    )
    # what has just been resolved is looked for every second, and what closes every minute
    op.create_index("incident_resolved_at_index", "incident", ["resolved_at"])
    op.create_table(
        "postmortem",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("postmortem_pkey")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("postmortem_incident_id_fkey")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("postmortem_owner_id_fkey")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["user.id"], name=op.f("postmortem_opened_by_id_fkey")),
    )
    op.create_index(op.f("postmortem_owner_id_index"), "postmortem", ["owner_id"])
    op.create_table(
        "postmortem_text",
        sa.Column("postmortem_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("postmortem_id", "part", "number", name=op.f("postmortem_text_pkey")),
        sa.ForeignKeyConstraint(
            ["postmortem_id"], ["postmortem.incident_id"], name=op.f("postmortem_text_postmortem_id_fkey")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("postmortem_text_by_id_fkey")),
    )
    op.create_table(
        "postmortem_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("postmortem_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("postmortem_entry_pkey")),
        sa.UniqueConstraint(
            "postmortem_id", "event_id", name=op.f("postmortem_entry_postmortem_id_event_id_unique")
        ),
        sa.ForeignKeyConstraint(
            ["postmortem_id"], ["postmortem.incident_id"], name=op.f("postmortem_entry_postmortem_id_fkey")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("postmortem_entry_event_id_fkey")),
    )
    op.create_table(
        "postmortem_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("postmortem_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(32), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("postmortem_comment_pkey")),
        sa.ForeignKeyConstraint(
            ["postmortem_id"], ["postmortem.incident_id"], name=op.f("postmortem_comment_postmortem_id_fkey")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("postmortem_comment_by_id_fkey")),
    )
    op.create_index(op.f("postmortem_comment_postmortem_id_index"), "postmortem_comment", ["postmortem_id"])
