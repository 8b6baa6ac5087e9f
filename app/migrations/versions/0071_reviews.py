"""Review meetings, who came, the answers to the six questions; a calendar file that goes with a mail."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0071"
down_revision = "0070"


def upgrade() -> None:
    op.add_column("mail", sa.Column("calendar", sa.Text(), nullable=True))
    op.create_table(
        "review_meeting",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("decisions", sa.Text(), nullable=False),
        sa.Column("planned_by_id", sa.Integer(), nullable=False),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("held_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("review_meeting_pkey")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["postmortem.incident_id"], name=op.f("review_meeting_incident_id_fkey")
        ),
        sa.ForeignKeyConstraint(["planned_by_id"], ["user.id"], name=op.f("review_meeting_planned_by_id_fkey")),
    )
    op.create_table(
        "review_attendee",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("invited_at", UtcDateTime(), nullable=False),
        sa.Column("came", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("incident_id", "user_id", name=op.f("review_attendee_pkey")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["review_meeting.incident_id"], name=op.f("review_attendee_incident_id_fkey")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("review_attendee_user_id_fkey")),
    )
    op.create_index(op.f("review_attendee_user_id_index"), "review_attendee", ["user_id"])
    op.create_table(
        "retrospective_answer",
        sa.Column("postmortem_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(32), nullable=False),
        sa.Column("verdict", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("postmortem_id", "question", name=op.f("retrospective_answer_pkey")),
        sa.ForeignKeyConstraint(
            ["postmortem_id"], ["postmortem.incident_id"], name=op.f("retrospective_answer_postmortem_id_fkey")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("retrospective_answer_by_id_fkey")),
    )
