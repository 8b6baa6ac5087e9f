"""Migration 0043 on rows that nothing forbade to stand twice."""

from importlib import import_module

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from apiflask import APIFlask

from app.database import db, transaction
from tests.support.cast import make_user

VERSIONS = "app.migrations.versions"


def test_what_stood_twice_stands_once_afterwards(app: APIFlask) -> None:
    with transaction():
        person = make_user("Ada").id
    db.session.remove()
    with db.engine.connect().execution_options(writes=True) as connection:
        for table in ("weekly_try", "weekly_page", "weekly_choice"):
            connection.execute(sa.text(f"DROP TABLE {table}"))
        with Operations.context(MigrationContext.configure(connection)):
            import_module(f"{VERSIONS}.0035_weekly_reports").upgrade()
            for number, answer in ((1, "first"), (2, "again"), (3, "other")):
                notebook = "09_budget" if number < 3 else "03_trends"
                connection.execute(
                    sa.text(
                        "INSERT INTO weekly_page (id, notebook, week, made_at, answer, html)"
                        f" VALUES ({number}, '{notebook}', '2026-11-16', '2026-11-16 07:00:00', '{answer}', '')"
                    )
                )
                connection.execute(
                    sa.text(f"INSERT INTO weekly_choice VALUES ({number}, {person}, NULL, '{notebook}')")
                )
            import_module(f"{VERSIONS}.0043_weekly_claims").upgrade()
        pages = connection.scalars(sa.text("SELECT answer FROM weekly_page ORDER BY id")).all()
        choices = connection.scalars(sa.text("SELECT id FROM weekly_choice ORDER BY id")).all()
        connection.commit()
    assert (pages, choices) == (["first", "other"], [1, 3])
