"""Response rules, and when they looked at an alert."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.create_table(
        "response_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("needs_all", sa.Boolean(), nullable=False),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("stops", sa.Boolean(), nullable=False),
        sa.Column("after_alert_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("response_rule_pkey")),
    )
    op.add_column("alert", sa.Column("ruled_at", UtcDateTime(), nullable=True))
    unseen = sa.text("ruled_at IS NULL AND status <> 'resolved'")
    op.create_index("alert_unruled_index", "alert", ["id"], sqlite_where=unseen, postgresql_where=unseen)
    # an organisation that is there already gets the one rule that a new one begins with, for alerts to come
    conditions = [{"field": "severity", "name": "", "among": ["critical"]}]
    op.execute(
        sa.text(
            "INSERT INTO response_rule (name, position, is_on, conditions, needs_all, actions, stops,"
            " after_alert_id, created_at, updated_at)"
            " SELECT 'Critical alerts become incidents', 1, :yes, :conditions, :yes, :actions, :no,"
            " (SELECT COALESCE(MAX(id), 0) FROM alert), created_at, created_at"
            " FROM organisation WHERE is_demo = :no"
        ).bindparams(
            sa.bindparam("yes", True, sa.Boolean()), sa.bindparam("no", False, sa.Boolean()),
            sa.bindparam("conditions", conditions, sa.JSON()),
            sa.bindparam("actions", [{"act": "promote"}], sa.JSON()),
        )
    )  # fmt: skip
