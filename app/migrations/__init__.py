"""Schema versions, forward only. `upgrade()` brings a database to the newest; `head()` names it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from app.database import db
from app.migrations import on_call_mark, search_index

_HERE = Path(__file__).parent


def upgrade() -> None:
    """Bring the current app's database to the newest version, in one transaction a version."""
    from alembic import command  # seven megabytes that web and engine, which only look, do without
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    with db.engine.connect().execution_options(writes=True) as connection, _tables_may_be_rebuilt(connection):
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.dialect.name == "postgresql":
            from app.wakeup import queued

            queued.prepare(connection)
        else:
            search_index.keep_on_sqlite(connection)
            on_call_mark.keep_on_sqlite(connection)
        connection.commit()


@contextmanager
def _tables_may_be_rebuilt(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew, which its references forbid while they are watched. So they are
    checked at the end instead (https://sqlite.org/lang_altertable.html, section 7).
    """
    sqlite = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None
    if sqlite is None:
        yield
        return
    sqlite.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = sqlite.execute("PRAGMA foreign_key_check").fetchall()
    finally:
        sqlite.execute("PRAGMA foreign_keys=ON")
    if broken:
        raise RuntimeError(f"rows refer to what is not there: {broken[:5]}")


def current() -> str | None:
    """The version the current app's database is at; None for an empty one."""
    with db.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        version: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return version


def head() -> str:
    """The version this code expects: the last of the numbered files."""
    return max(path.name for path in (_HERE / "versions").glob("[0-9]*_*.py")).partition("_")[0]
