"""What every room stands on: transactions, moments, migrations that match the models."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from apiflask import APIFlask

from app import migrations
from app.database import Base, after_commit, db, transaction
from app.people.models import User
from tests.support.cast import make_user


def test_a_moment_comes_back_as_the_same_moment_in_utc(app: APIFlask) -> None:
    riga = datetime(2026, 11, 12, 5, 10, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    with transaction():
        make_user("Ada", created_at=riga)
    stored = db.session.scalars(db.select(User)).one().created_at
    assert stored == riga
    assert stored.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(app: APIFlask) -> None:
    with pytest.raises(Exception, match="without a zone"), transaction():
        make_user("Ada", created_at=datetime(2026, 11, 12))  # noqa: DTZ001 - what must be refused


def test_a_failed_transaction_leaves_nothing_and_does_not_act(app: APIFlask) -> None:
    acts: list[str] = []

    def fail() -> None:
        with transaction():
            make_user("Ada")
            after_commit("act", lambda: acts.append("done"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert db.session.scalar(db.select(db.func.count()).select_from(User)) == 0
    assert acts == []


def test_transactions_do_not_nest(app: APIFlask) -> None:
    with pytest.raises(RuntimeError, match="do not nest"), transaction(), transaction():
        pass


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The queue's tables are procrastinate's own; triggers fill those of the search, and draw the mark."""
    others = ("procrastinate_", "search_", "on_call_mark")
    return not (kind == "table" and name is not None and name.startswith(others))


def test_the_migrations_make_what_the_models_say(app: APIFlask) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    assert migrations.current() == migrations.head() == ScriptDirectory.from_config(config).get_current_head()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_name": _is_ours})
        assert compare_metadata(context, Base.metadata) == []
