"""Which incident one was a duplicate of."""

from alembic import op

revision = "0054"
down_revision = "0052"


def upgrade() -> None:
    # in place on both databases: SQLite would refuse to drop and remake a table that others point at
    op.execute(
        "ALTER TABLE incident ADD COLUMN merged_into_id INTEGER"
        " CONSTRAINT incident_merged_into_id_fkey REFERENCES incident (id)"
    )
