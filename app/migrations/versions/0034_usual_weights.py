"""What hours weigh in the organisation; a schedule names only what differs there."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0034"
down_revision = "0033"

USUAL = {"holiday": 3, "weekend": 2, "night": 2, "evening": 1.5, "day": 1}


def upgrade() -> None:
    op.create_table(
        "usual_weights",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("usual_weights_pkey")),
    )
    rules = sa.table("fairness_rules", sa.column("schedule_id", sa.Integer), sa.column("weights", sa.JSON))
    connection = op.get_bind()
    for number, weights in connection.execute(sa.select(rules.c.schedule_id, rules.c.weights)).all():
        own = {kind: weight for kind, weight in weights.items() if weight != USUAL.get(kind)}
        connection.execute(sa.update(rules).where(rules.c.schedule_id == number).values(weights=own))
