"""A delivery may have gone along with another, in one message."""

from alembic import op

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    op.execute("ALTER TABLE delivery ADD COLUMN bundle_id INTEGER CONSTRAINT delivery_bundle_id_fkey "
               "REFERENCES delivery (id)")  # fmt: skip
    op.create_index("delivery_bundle_id_index", "delivery", ["bundle_id"], unique=False)
