"""What is wrong: services, alerts, their timers, incidents."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "engine_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("engine_round_pkey")),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("commander_id", sa.Integer(), nullable=True),
        sa.Column("commander_since", UtcDateTime(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("declared_by_id", sa.Integer(), nullable=True),
        sa.Column("impact_started_at", UtcDateTime(), nullable=True),
        sa.Column("detected_at", UtcDateTime(), nullable=False),
        sa.Column("declared_at", UtcDateTime(), nullable=False),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("mitigated_at", UtcDateTime(), nullable=True),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("reopen_count", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["commander_id"], ["user.id"], name=op.f("incident_commander_id_fkey")),
        sa.ForeignKeyConstraint(["declared_by_id"], ["user.id"], name=op.f("incident_declared_by_id_fkey")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("incident_team_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_pkey")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index("incident_declared_at_index", ["declared_at"], unique=False)
        batch_op.create_index(batch_op.f("incident_team_id_index"), ["team_id"], unique=False)
    op.create_table(
        "service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("escalation_policy_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("low_urgency", sa.String(32), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["escalation_policy_id"], ["escalation_policy.id"], name=op.f("service_escalation_policy_id_fkey")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("service_owner_id_fkey")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("service_team_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("service_pkey")),
        sa.UniqueConstraint("name", name=op.f("service_name_unique")),
    )
    with op.batch_alter_table("service", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("service_team_id_index"), ["team_id"], unique=False)
    op.create_table(
        "incident_service",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("incident_service_incident_id_fkey")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("incident_service_service_id_fkey")),
        sa.PrimaryKeyConstraint("incident_id", "service_id", name=op.f("incident_service_pkey")),
    )
    op.create_table(
        "integration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("key_prefix", sa.Text(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=True),
        sa.Column("default_severity", sa.String(32), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("integration_service_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("integration_pkey")),
        sa.UniqueConstraint("key_hash", name=op.f("integration_key_hash_unique")),
    )
    with op.batch_alter_table("integration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("integration_service_id_index"), ["service_id"], unique=False)
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("integration_id", sa.Integer(), nullable=True),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(32), nullable=False),
        sa.Column("urgency", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("acknowledged_by_id", sa.Integer(), nullable=True),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("resolved_by", sa.String(32), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("snoozed_until", UtcDateTime(), nullable=True),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("reopen_count", sa.Integer(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("annotations", sa.JSON(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=True),
        sa.Column("source_service", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["user.id"], name=op.f("alert_acknowledged_by_id_fkey")
        ),
        sa.ForeignKeyConstraint(["assigned_to_id"], ["user.id"], name=op.f("alert_assigned_to_id_fkey")),
        sa.ForeignKeyConstraint(["integration_id"], ["integration.id"], name=op.f("alert_integration_id_fkey")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("alert_service_id_fkey")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("alert_team_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("alert_pkey")),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index("alert_created_at_index", ["created_at"], unique=False)
        batch_op.create_index(
            "alert_open_index",
            ["service_id", "id"],
            unique=False,
            sqlite_where=sa.text("status <> 'resolved'"),
            postgresql_where=sa.text("status <> 'resolved'"),
        )
        batch_op.create_index(
            "alert_snoozed_index",
            ["snoozed_until"],
            unique=False,
            sqlite_where=sa.text("snoozed_until IS NOT NULL"),
            postgresql_where=sa.text("snoozed_until IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("alert_team_id_index"), ["team_id"], unique=False)
        batch_op.create_index("alert_updated_at_index", ["updated_at", "id"], unique=False)
        batch_op.create_index(
            "one_open_alert_per_key",
            ["integration_id", "dedup_key"],
            unique=True,
            sqlite_where=sa.text("status <> 'resolved'"),
            postgresql_where=sa.text("status <> 'resolved'"),
        )
    op.create_table(
        "raw_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("integration_id", sa.Integer(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("alert_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name=op.f("raw_request_integration_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("raw_request_pkey")),
    )
    with op.batch_alter_table("raw_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("raw_request_integration_id_index"), ["integration_id"], unique=False)
        batch_op.create_index("raw_request_received_at_index", ["received_at"], unique=False)
    op.create_table(
        "escalation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("reminder", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("next_due_at", UtcDateTime(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("last_step_at", UtcDateTime(), nullable=True),
        sa.Column("exhausted_at", UtcDateTime(), nullable=True),
        sa.Column("policy", sa.JSON(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('running', 'last_resort')) = (next_due_at IS NOT NULL)",
            name=op.f("escalation_due_while_running"),
        ),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("escalation_alert_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("escalation_pkey")),
        sa.UniqueConstraint("alert_id", name=op.f("escalation_alert_id_unique")),
    )
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.create_index(
            "escalation_due_index",
            ["next_due_at"],
            unique=False,
            sqlite_where=sa.text("next_due_at IS NOT NULL"),
            postgresql_where=sa.text("next_due_at IS NOT NULL"),
        )
    op.create_table(
        "incident_alert",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("incident_alert_alert_id_fkey")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("incident_alert_incident_id_fkey")),
        sa.PrimaryKeyConstraint("incident_id", "alert_id", name=op.f("incident_alert_pkey")),
        sa.UniqueConstraint("alert_id", name=op.f("incident_alert_alert_id_unique")),
    )
