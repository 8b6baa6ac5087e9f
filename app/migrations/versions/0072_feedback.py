"""What responders say of a response when it is over, and who has said it."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0072"
down_revision = "0071"


def upgrade() -> None:
    op.add_column(
        "organisation",
        sa.Column("is_feedback_anonymous", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "feedback",
        sa.Column("lot", sa.String(32), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("people", sa.String(32), nullable=False),
        sa.Column("alerts", sa.String(32), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("lot", name=op.f("feedback_pkey")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("feedback_incident_id_fkey")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("feedback_user_id_fkey")),
    )
    op.create_index(op.f("feedback_incident_id_index"), "feedback", ["incident_id"])
    op.create_index(op.f("feedback_user_id_index"), "feedback", ["user_id"])
    op.create_table(
        "feedback_given",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "user_id", name=op.f("feedback_given_pkey")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("feedback_given_incident_id_fkey")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("feedback_given_user_id_fkey")),
    )
    op.create_index(op.f("feedback_given_user_id_index"), "feedback_given", ["user_id"])
