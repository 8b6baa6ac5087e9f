"""Notebooks that people want every week, and what was rendered of them."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.create_table(
        "weekly_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("notebook", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("weekly_choice_user_id_fkey")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("weekly_choice_team_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("weekly_choice_pkey")),
        sa.UniqueConstraint(
            "user_id", "team_id", "notebook", name=op.f("weekly_choice_user_id_team_id_notebook_unique")
        ),
    )
    op.create_table(
        "weekly_page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notebook", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("weekly_page_team_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("weekly_page_pkey")),
    )
    op.create_index("weekly_page_week_index", "weekly_page", ["week"])
