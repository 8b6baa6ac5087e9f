"""A random mark that is drawn again with every change of a row that decides who is on call now: by triggers, in
the transaction of the change, whoever writes it. What was computed under a mark holds as long as that stands.

Random and no counter, as a number could come back: after a change that was rolled back, or a restored backup.
On SQLite a trigger goes with its table, which many a migration makes anew: so they are looked after at the end
of every upgrade. PostgreSQL never loses its own.
"""

import sqlalchemy as sa

# of each table the columns that the answer is made of; those of no name are the book's, or nobody's business
DECIDES = {
    "schedule": ("name", "team_id", "time_zone", "layers", "temporary"),
    "override": ("schedule_id", "start", "end", "user_id", "replaces_user_id", "created_at", "kind"),
    "time_off": ("user_id", "start", "end"),
    "user": ("name", "role", "is_active", "is_service"),
    "team": ("name",),
    "shadow": ("schedule_id", "user_id", "start", "end"),
}
_AGAIN = "UPDATE on_call_mark SET mark = lower(hex(randomblob(16)))"
KEPT_FOR_EVER = ("user", "team")  # none goes while a schedule names it, and none is named before it is there
# Once in a transaction, and at its end: so no two that change different rows wait for each other in between.
_AGAIN_AT_COMMIT = """
CREATE FUNCTION on_call_mark_again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE on_call_mark SET mark = gen_random_uuid()::text, by_transaction = pg_current_xact_id()::text
   WHERE by_transaction IS DISTINCT FROM pg_current_xact_id()::text;
  RETURN NULL;
END $$
"""


def keep_on_sqlite(connection: sa.Connection) -> None:
    """Make the triggers that are not there."""
    for table, columns in DECIDES.items():
        for word, event in _events(table, columns).items():
            connection.exec_driver_sql(
                f"CREATE TRIGGER IF NOT EXISTS on_call_mark_{table}_{word} AFTER {event}"
                f' ON "{table}" FOR EACH ROW BEGIN {_AGAIN}; END'
            )


def make_on_postgresql(connection: sa.Connection) -> None:
    connection.exec_driver_sql(_AGAIN_AT_COMMIT)
    for table, columns in DECIDES.items():
        events = " OR ".join(_events(table, columns).values())
        connection.exec_driver_sql(
            f"CREATE CONSTRAINT TRIGGER on_call_mark_{table} AFTER {events}"
            f' ON "{table}" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION on_call_mark_again()'
        )


def _events(table: str, columns: tuple[str, ...]) -> dict[str, str]:
    changed = "UPDATE OF " + ", ".join(f'"{column}"' for column in columns)
    if table in KEPT_FOR_EVER:
        return {"changed": changed}
    return {"new": "INSERT", "changed": changed, "gone": "DELETE"}
