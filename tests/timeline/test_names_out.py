"""SEC-34: what the log said before migration 0014, when it still held names, on a database that is upgraded."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app import clock, create_pageless_app, migrations
from app.database import db, transaction
from app.timeline import seal
from tests.support import databases

MOMENT = "2026-01-05 08:00:00"
BEFORE = [
    ("changed", "user", {"field": "email", "from": "ada@old.example", "to": "ada@nightbell.example"}),
    ("created", "user", {"name": "Ada Okafor", "role": "responder"}),
    ("reassigned", "alert", {"from": "Ada Okafor", "to": "Ben Lind", "to_user_id": 2}),
    ("commander_changed", "incident", {"from": "Somebody Gone", "to": "Ben Lind"}),
    ("paged", "alert", {"people": ["Ben Lind", "Somebody Gone"], "step": 0}),
    ("acknowledged", "alert", {"device": "Ada Okafor's phone", "by_way": "push"}),
    ("changed", "service", {"field": "name", "from": "checkout", "to": "checkout-api"}),
]


@pytest.fixture
def old(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An app on a database of the version before, with two people."""
    with databases.beside(database_url, tmp_path) as url:
        app = create_pageless_app(databases.settings_for(tmp_path, url))
        with app.app_context():
            databases.upgrade_to("0013")
            with db.engine.begin() as connection:
                for id_, name in ((1, "Ada Okafor"), (2, "Ben Lind")):
                    _insert(connection, "user", id=id_, name=name, email=f"{id_}@nightbell.example")
                for id_, (kind, subject, data) in enumerate(BEFORE, start=1):
                    _insert(connection, "event", id=id_, kind=kind, subject_kind=subject, data=data, actor_id=1)
            yield app
            db.engine.dispose()


def _insert(connection: sa.Connection, into: str, **given: object) -> None:
    """A row in the table as that version has it; what it must have and nobody asked for is made up."""
    table = sa.Table(into, sa.MetaData(), autoload_with=connection)
    made_up: dict[type, object] = {int: 1, str: "x", bool: True}
    for column in table.columns:
        if column.name not in given and not column.nullable and column.server_default is None:
            is_moment = isinstance(column.type, sa.DateTime)
            given[column.name] = sa.text(f"'{MOMENT}'") if is_moment else made_up[column.type.python_type]
    connection.execute(table.insert().values(given))


def test_SEC34_names_that_old_events_held_are_gone_after_an_upgrade_and_ids_stand_in_their_place(
    old: Flask,
) -> None:
    migrations.upgrade()
    with db.engine.connect() as connection:
        left = connection.exec_driver_sql("SELECT data FROM event").scalars().all()
        event = sa.table("event", sa.column("id"), sa.column("data", sa.JSON))
        after = connection.scalars(sa.select(event.c.data).order_by(event.c.id)).all()
    assert after == [
        {"field": "email"},
        {"role": "responder"},
        {"to_user_id": 2, "from_user_id": 1},
        {},
        {"step": 0, "user_ids": [2]},
        {"by_way": "push"},
        {"field": "name", "from": "checkout", "to": "checkout-api"},
    ]
    for word in ("Ada", "Ben", "Somebody", "example"):
        assert word not in str(left)


def test_SEC18_what_an_upgrade_left_is_sealed_verifies_and_cannot_be_changed_any_more(old: Flask) -> None:
    migrations.upgrade()
    with transaction():
        assert seal.seal() == len(BEFORE)
    assert list(seal.faults(now=clock.now())) == []
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), transaction() as session:
        session.execute(sa.text("UPDATE event SET data = '{}'"))
    db.session.remove()
