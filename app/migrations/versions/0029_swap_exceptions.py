"""An exception from the checks of a swap says in spite of what; those made before, of everything."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

EVERYTHING = ["away", "inactive", "not_on_roster", "on_call", "rest", "unreachable"]


def upgrade() -> None:
    swap = sa.table("swap", sa.column("id", sa.Integer), sa.column("exempt", sa.JSON))
    connection = op.get_bind()
    for number, exempt in connection.execute(sa.select(swap.c.id, swap.c.exempt)).all():
        if exempt:
            made = {user: {"reason": reason, "despite": EVERYTHING} for user, reason in exempt.items()}
            connection.execute(sa.update(swap).where(swap.c.id == number).values(exempt=made))
