"""What was tried in vain is found by an index, however many alerts are open."""

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0100"

IN_VAIN = sa.text("state = 'failed' OR silent_since IS NOT NULL")
FAILED = sa.text("status = 'failed'")
REFUSED = sa.text("state = 'failed'")


def upgrade() -> None:
    op.create_index("delivery_in_vain_index", "delivery", ["created_at"],
                    sqlite_where=IN_VAIN, postgresql_where=IN_VAIN)  # fmt: skip
    op.create_index("page_failed_index", "page", ["created_at"],
                    sqlite_where=FAILED, postgresql_where=FAILED)  # fmt: skip
    op.create_index("post_refused_index", "post", ["created_at"],
                    sqlite_where=REFUSED, postgresql_where=REFUSED)  # fmt: skip
