"""A database role that may read what the notebooks read, and nothing else (SEC-32)."""

import sqlalchemy as sa

#: table: its columns that `analytics.queries` reads; None: all of them, since none is secret
COLUMNS: dict[str, tuple[str, ...] | None] = {
    "alert": None,
    "incident": None,
    "incident_service": None,
    "incident_alert": None,
    "event": None,
    "ledger_entry": None,
    "service": ("id", "name", "team_id"),
    "team": ("id", "name"),
    "schedule": ("id", "name"),
    "user": ("id", "name", "time_zone"),
    "page": ("id", "kind", "subject_kind", "subject_id", "user_id", "status", "created_at"),
    "delivery": (
        "id",
        "page_id",
        "channel",
        "state",
        "created_at",
        "accepted_at",
        "received_at",
        "shown_at",
        "acked_at",
    ),
}
TIMEOUT = "60s"


def make(connection: sa.Connection, name: str, password: str) -> None:
    """Make the role, or renew its password and its grants. Needs a connection that may make roles, on
    PostgreSQL.
    """
    quote = connection.dialect.identifier_preparer.quote
    role = quote(name)
    known = connection.scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name})
    act = "ALTER" if known else "CREATE"
    literal = sa.literal(password).compile(connection, compile_kwargs={"literal_binds": True})
    connection.exec_driver_sql(
        f"{act} ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {literal}".replace("%", "%%")
    )
    connection.exec_driver_sql(f"ALTER ROLE {role} SET default_transaction_read_only = on")
    connection.exec_driver_sql(f"ALTER ROLE {role} SET statement_timeout = '{TIMEOUT}'")
    connection.exec_driver_sql(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
    for table, names in COLUMNS.items():
        listed = "" if names is None else f" ({', '.join(quote(column) for column in names)})"
        connection.exec_driver_sql(f"GRANT SELECT{listed} ON {quote(table)} TO {role}")
