"""SEC-18: the record of who did what is append-only, and says which row somebody edited, removed or moved."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.alerts import queries
from app.alerts.reassign import reassign
from app.database import db, on_sqlite, transaction
from app.domain.timeline import Kind, Subject
from app.incidents.command import hand_over
from app.incidents.promote import promote
from app.oncall import schedules
from app.people.change_user import change_user
from app.people.teams import create_team
from app.people.users import create_user
from app.timeline import seal
from app.timeline.models import Event, Seal
from app.timeline.record import record
from tests.support.cast import Cast, make_user
from tests.support.clock import TestClock
from tests.support.oncall import layer_json
from tests.support.world import World


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    """Four things that people did, sealed, and one that only the engine did."""
    with transaction():
        cast = Cast()
        for name in ("One", "Two", "Three", "Four"):
            create_team(name, by=cast.root, at=app_clock.now())
        record(Kind.REPEATED, Subject.ALERT, 1, at=app_clock.now(), occurrences=2)
    seal_all()
    return cast


def seal_all() -> int:
    with transaction():
        return seal.seal()


def found() -> list[str]:
    db.session.rollback()
    return [fault.says for fault in seal.faults(now=app_clock.now())]


@contextmanager
def behind_the_triggers() -> Iterator[sa.Connection]:
    """What somebody with the database's own password can do."""
    db.session.rollback()
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        if on_sqlite():
            for name in ("event_no_update", "event_no_delete", "audit_seal_no_update", "audit_seal_no_delete"):
                connection.execute(sa.text(f"DROP TRIGGER IF EXISTS {name}"))
        else:
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        yield connection


def test_SEC18_what_people_do_is_sealed_and_the_engines_noise_is_not(cast: Cast) -> None:
    assert seal.head().position == 4
    assert found() == []
    assert seal_all() == 0  # twice is once
    assert seal.unsealed() == 0


@pytest.mark.parametrize("table", ["event", "audit_seal"])
@pytest.mark.parametrize("act", ["UPDATE {} SET {} = 9", "DELETE FROM {}"])
def test_SEC18_the_database_itself_refuses_to_change_or_remove_a_row(cast: Cast, table: str, act: str) -> None:
    column = "subject_id" if table == "event" else "event_id"
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), transaction() as session:
        session.execute(sa.text(act.format(table, column)))
    assert found() == []


def test_SEC18_an_edited_event_is_named(cast: Cast) -> None:
    with behind_the_triggers() as connection:
        connection.execute(sa.text("UPDATE event SET subject_id = 99 WHERE id = 2"))
    assert found() == ["event 2 is not as it was sealed at 2"]


def test_SEC18_a_removed_event_and_a_removed_seal_are_named(cast: Cast) -> None:
    with behind_the_triggers() as connection:
        connection.execute(sa.text("DELETE FROM event WHERE id = 3"))
    assert found() == ["event 3 is gone"]
    with behind_the_triggers() as connection:
        connection.execute(sa.text("DELETE FROM audit_seal WHERE position = 3"))
    assert found() == ["seal 3 is gone"]


def test_SEC18_reordered_events_are_named(cast: Cast) -> None:
    with behind_the_triggers() as connection:
        for before, after in ((2, 102), (3, 2), (102, 3)):
            connection.execute(sa.text(f"UPDATE audit_seal SET event_id = {after} WHERE event_id = {before}"))
    assert found() == ["event 3 is not as it was sealed at 2", "event 2 is not as it was sealed at 3"]


def test_SEC18_an_edit_with_its_seal_made_anew_breaks_the_next_and_a_kept_head(cast: Cast) -> None:
    kept = seal.head()
    with behind_the_triggers() as connection:
        connection.execute(sa.text("UPDATE event SET subject_id = 99 WHERE id = 4"))
    event = db.session.get_one(Event, 4)
    before = db.session.get_one(Seal, 3).digest
    anew = seal.digest_of(event, before)
    with behind_the_triggers() as connection:
        connection.execute(sa.text(f"UPDATE audit_seal SET digest = '{anew}' WHERE position = 4"))
    assert found() == []  # the last one's digest nobody else holds, so a head is kept elsewhere
    faults = [fault.says for fault in seal.faults(now=app_clock.now(), kept=kept)]
    assert faults == [f"the chain does not pass through 4:{kept.digest}"]


def test_SEC18_an_event_slipped_in_later_is_named(app: APIFlask, cast: Cast, clock: TestClock) -> None:
    with behind_the_triggers() as connection:
        connection.execute(sa.text("DELETE FROM audit_seal WHERE position = 4"))
        connection.execute(sa.text("DELETE FROM audit_seal WHERE position = 2"))
    clock.advance(hours=2)
    assert found() == ["seal 2 is gone", "event 2 was never sealed, though later ones were"]


def test_SEC18_a_late_commit_is_sealed_after_what_came_later(cast: Cast) -> None:
    """On PostgreSQL a number is given before its row is committed: the chain has the order of sealing."""
    with transaction() as session:
        for number in (900, 899):
            session.add(
                Event(
                    id=number, at=app_clock.now() - timedelta(seconds=9), kind="created", subject_kind="team",
                    subject_id=1, actor_id=cast.root.id, data={},
                )
            )  # fmt: skip
            session.flush()
            seal.seal()
    assert [db.session.get_one(Seal, place).event_id for place in (5, 6)] == [900, 899]
    assert found() == []


def test_SEC18_engines_that_seal_at_once_do_not_fork_the_chain(app: APIFlask, cast: Cast) -> None:
    with transaction():
        for number in range(60):
            record(Kind.CHANGED, Subject.TEAM, number, at=app_clock.now(), by=cast.root, field="x")
    db.session.remove()
    failed: list[BaseException] = []

    def engine() -> None:
        try:
            with app.app_context():
                for _ in range(10):
                    with transaction():
                        seal.seal(limit=3)
        except BaseException as error:
            failed.append(error)

    engines = [threading.Thread(target=engine) for _ in range(4)]
    for each in engines:
        each.start()
    for each in engines:
        each.join()
    assert failed == []
    assert seal.head().position == 64
    assert found() == []


def test_SEC34_no_event_holds_a_name_or_an_address(app: APIFlask, clock: TestClock) -> None:
    """A story with people in every part of it: their names are found by their ids, never kept."""
    world = World(clock)
    world.fire()
    world.tick()
    cast = world.cast
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        incident = promote(alert, by=cast.ada, at=app_clock.now())
        hand_over(incident, to=cast.ben, by=cast.ada, at=app_clock.now())
        reassign(alert, to=cast.ben, by=cast.ada, at=app_clock.now())
        create_user(
            email="zoe@nightbell.example",
            name="Zoe",
            role="responder",
            time_zone="UTC",
            at=app_clock.now(),
            by=cast.root,
        )
        change_user(cast.dan, name="Daniel", email="daniel@nightbell.example", by=cast.root, at=app_clock.now())
        gone = make_user("Gone", is_active=False).id
        schedules.create(
            name="Nights", team_id=cast.payments.id, time_zone="UTC",
            layers=[layer_json("2026-03-02T09:00", [[gone], [cast.ada.id]])],
            override_reason="Back on Monday", by=cast.root, at=app_clock.now(),
        )  # fmt: skip
    kept = " ".join(str(event.data) for event in db.session.scalars(sa.select(Event)))
    for word in ("Ada", "Ben", "Dan", "Zoe", "Gone", "nightbell.example"):
        assert word not in kept


@pytest.mark.parametrize(
    ("kind", "subject", "before", "after"),
    [
        ("created", "user", {"name": "Ada", "role": "manager"}, {"role": "manager"}),
        ("changed", "user", {"field": "email", "from": "a@b.example", "to": "c@d.example"}, {"field": "email"}),
        ("changed", "user", {"field": "role", "from": "manager", "to": "responder"}, None),
        ("reassigned", "alert", {"to_user_id": 2, "to": "Ben"}, {"to_user_id": 2}),
        ("commander_changed", "incident", {"to_user_id": 2, "to": "Ben", "from": "Ada"},
         {"to_user_id": 2, "from_user_id": 1}),
        ("paged", "alert", {"run": 1, "people": ["Ada", "Gone", "Ben"]}, {"run": 1, "user_ids": [1, 2]}),
        ("device_added", "user", {"device": "Ada's phone"}, {}),
        ("changed", "schedule", {"saved_over": ["Ben is away"], "after": {"name": "Nights"}},
         {"after": {"name": "Nights"}}),
        ("severity_changed", "alert", {"from": "info", "to": "critical"}, None),
    ],
)  # fmt: skip
def test_SEC34_what_was_written_before_the_chain_has_ids_in_the_place_of_names(
    kind: str, subject: str, before: dict[str, Any], after: dict[str, Any] | None
) -> None:
    migration = import_module("app.migrations.versions.0014_audit")
    kept = migration.facts_without_names(kind, subject, before, {"Ada": 1, "Ben": 2})
    assert kept == (before if after is None else after)
