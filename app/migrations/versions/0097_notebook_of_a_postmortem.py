"""The review notebook of an incident, run because somebody asked for it, kept as a page."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0097"
down_revision = "0096"


def upgrade() -> None:
    op.create_table(
        "postmortem_notebook",
        sa.Column("postmortem_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=True),
        sa.Column("as_of", UtcDateTime(), nullable=True),
        sa.Column("html", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("postmortem_id", name=op.f("postmortem_notebook_pkey")),
        sa.ForeignKeyConstraint(
            ["postmortem_id"], ["postmortem.incident_id"], name=op.f("postmortem_notebook_postmortem_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["user.id"], name=op.f("postmortem_notebook_asked_by_id_fkey")
        ),
    )
    op.create_index(op.f("postmortem_notebook_next_try_at_index"), "postmortem_notebook", ["next_try_at"])
    op.create_index(op.f("postmortem_notebook_asked_by_id_index"), "postmortem_notebook", ["asked_by_id"])
