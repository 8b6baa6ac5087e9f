"""A notebook of a week is rendered and mailed by one engine, once; one that fails waits for its next try."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0043"
down_revision = "0042"

OF_ALL_TEAMS = sa.text("team_id IS NULL")
ONE_EACH = {
    "weekly_choice": ["user_id", "notebook"],
    "weekly_page": ["week", "notebook"],
    "weekly_try": ["week", "notebook"],
}


def upgrade() -> None:
    # what stood there twice, since nothing forbade it: the first one counts
    for name, columns in (
        ("weekly_choice", ["user_id", "team_id", "notebook"]),
        ("weekly_page", ["week", "team_id", "notebook"]),
    ):
        rows = sa.table(name, sa.column("id"), *map(sa.column, columns))
        first = sa.select(sa.func.min(rows.c.id)).group_by(*(rows.c[name] for name in columns))
        op.execute(rows.delete().where(rows.c.id.not_in(first)))
    op.create_table(
        "weekly_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notebook", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("weekly_try_team_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("weekly_try_pkey")),
        sa.UniqueConstraint(
            "week", "notebook", "team_id", name=op.f("weekly_try_week_notebook_team_id_unique")
        ),
    )
    with op.batch_alter_table("weekly_page") as table:
        table.drop_index("weekly_page_week_index")
        table.create_unique_constraint(
            op.f("weekly_page_week_notebook_team_id_unique"), ["week", "notebook", "team_id"]
        )
    for name, columns in ONE_EACH.items():
        op.create_index(
            f"{name}_of_all_teams_index", name, columns, unique=True,
            sqlite_where=OF_ALL_TEAMS, postgresql_where=OF_ALL_TEAMS,
        )  # fmt: skip
