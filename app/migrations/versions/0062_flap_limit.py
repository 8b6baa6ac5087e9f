"""How often one key may page while it comes and goes."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"


def upgrade() -> None:
    op.add_column("escalation_policy", sa.Column("flap_limit", sa.Integer(), server_default="5", nullable=True))
    op.create_index("alert_key_index", "alert", ["integration_id", "dedup_key", "created_at"])
