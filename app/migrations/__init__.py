"""Schema versions, forward only. `upgrade()` brings a database to the newest; `head()` names it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.database import db

_HERE = Path(__file__).parent


def upgrade() -> None:
    """Bring the current app's database to the newest version, in one transaction a version."""
    with db.engine.connect().execution_options(writes=True) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def current() -> str | None:
    """The version the current app's database is at; None for an empty one."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The version this code expects."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    return config
