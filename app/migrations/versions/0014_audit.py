"""The audit chain; the event log and its seals are append-only from here on. Names that were in the log before
are taken out first, since from then on nobody can (SEC-34).
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

TABLES = ("event", "audit_seal")


def upgrade() -> None:
    take_names_out(op.get_bind())
    with op.batch_alter_table("event") as batch_op:
        batch_op.add_column(sa.Column("token_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("event_token_id_fkey"), "api_token", ["token_id"], ["id"])
    op.create_table(
        "audit_seal",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("audit_seal_pkey")),
        sa.UniqueConstraint("event_id", name=op.f("audit_seal_event_id_unique")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )


def take_names_out(connection: sa.Connection) -> None:
    """Ids in the place of names; a name that is nobody's any more goes."""
    event = sa.table(
        "event", sa.column("id"), sa.column("kind"), sa.column("subject_kind"), sa.column("data", sa.JSON())
    )
    ids: dict[str, int] = {
        name: id_ for id_, name in connection.execute(sa.text('SELECT id, name FROM "user"'))
    }
    for id_, kind, subject, data in connection.execute(sa.select(event)).all():
        kept = facts_without_names(kind, subject, data, ids)
        if kept != data:
            connection.execute(sa.update(event).where(event.c.id == id_).values(data=kept))


def facts_without_names(kind: str, subject: str, data: dict[str, Any], ids: dict[str, int]) -> dict[str, Any]:
    """What versions before this one wrote down, in the words of this one."""
    kept = {key: said for key, said in data.items() if key not in ("people", "device", "saved_over")}
    if subject == "user":
        gone = {"name"} | ({"from", "to"} if data.get("field") in ("name", "email", "time_zone") else set())
        kept = {key: said for key, said in kept.items() if key not in gone}
    if kind in ("reassigned", "commander_changed"):
        before = kept.pop("from", None)
        kept.pop("to", None)
        kept |= {"from_user_id": ids[before]} if before in ids else {}
    if data.get("people"):
        kept["user_ids"] = [ids[name] for name in data["people"] if name in ids]
    return kept
