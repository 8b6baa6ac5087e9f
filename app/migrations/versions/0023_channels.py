"""A delivery may go to a person's further address, and names its address among those of its page."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    with op.batch_alter_table("delivery") as delivery:
        delivery.add_column(sa.Column("contact_id", sa.Integer(), nullable=True))
        delivery.add_column(sa.Column("address_key", sa.Text(), server_default="", nullable=False))
        delivery.create_foreign_key(
            "delivery_contact_id_fkey", "contact_method", ["contact_id"], ["id"], ondelete="SET NULL"
        )
    op.create_index("delivery_contact_id_index", "delivery", ["contact_id"], unique=False)
    op.execute(
        "UPDATE delivery SET address_key = "
        "CASE WHEN subscription_id IS NULL THEN 'account' ELSE CAST(subscription_id AS TEXT) END"
    )
    op.create_index("delivery_address_index", "delivery", ["page_id", "address_key"], unique=True)
