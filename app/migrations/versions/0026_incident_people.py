"""Who is in an incident: roles, who was asked and came, and the teams that support it."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "incident_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("attendance", sa.String(32), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_member_pkey")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("incident_member_incident_id_fkey")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("incident_member_user_id_fkey")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("incident_member_team_id_fkey")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("incident_member_asked_by_id_fkey")),
        sa.UniqueConstraint("incident_id", "user_id", name=op.f("incident_member_incident_id_user_id_unique")),
    )
    op.create_index(op.f("incident_member_user_id_index"), "incident_member", ["user_id"])
    held_by_one = sa.text("role IN ('scribe', 'communications') AND attendance IN ('asked', 'joined')")
    op.create_index(
        "one_holder_per_role", "incident_member", ["incident_id", "role"], unique=True,
        sqlite_where=held_by_one, postgresql_where=held_by_one,
    )  # fmt: skip
    op.create_table(
        "incident_team",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "team_id", name=op.f("incident_team_pkey")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("incident_team_incident_id_fkey")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("incident_team_team_id_fkey")),
    )
    # whoever commands an incident is in it
    op.execute(
        sa.text(
            "INSERT INTO incident_member (incident_id, user_id, role, attendance, asked_at, answered_at)"
            " SELECT id, commander_id, 'responder', 'joined', declared_at, declared_at"
            " FROM incident WHERE commander_id IS NOT NULL"
        )
    )
