"""A delivery may go to a person's further address, and names its address among those of its page."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.execute("ALTER TABLE delivery ADD COLUMN contact_id INTEGER CONSTRAINT delivery_contact_id_fkey "
               "REFERENCES contact_method (id) ON DELETE SET NULL")  # fmt: skip
    op.create_index("delivery_contact_id_index", "delivery", ["contact_id"], unique=False)
    op.add_column("delivery", sa.Column("address_key", sa.Text(), server_default="", nullable=False))
    op.execute(
        "UPDATE delivery SET address_key = "
        "CASE WHEN subscription_id IS NULL THEN 'account' ELSE CAST(subscription_id AS TEXT) END"
    )
    op.create_index("delivery_address_index", "delivery", ["page_id", "address_key"], unique=True)
