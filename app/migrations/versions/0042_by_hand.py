"""An alert may be raised by a person."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    op.execute('ALTER TABLE alert ADD COLUMN raised_by_id INTEGER CONSTRAINT alert_raised_by_id_fkey '
               'REFERENCES "user" (id)')  # fmt: skip
    raised = sa.text("raised_by_id IS NOT NULL")
    op.create_index(
        "alert_raised_by_index", "alert", ["raised_by_id", "created_at"], unique=False, sqlite_where=raised,
        postgresql_where=raised,
    )  # fmt: skip
