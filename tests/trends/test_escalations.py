"""What the engine's own log tells of escalations is what the metric counts: of a notebook's database, of the
kept days and of an export alike.
"""

from importlib import import_module
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from apiflask import APIFlask
from click.testing import CliRunner

import analytics
from analytics import archive, frames
from analytics.tables import Tables
from app.alerts import queries
from app.alerts.escalate import escalate_now
from app.alerts.models import Alert
from app.alerts.reassign import reassign
from app.cli import main
from app.database import db, transaction
from app.paging.models import PushSubscription
from app.trends import keep, tables
from app.trends.models import TrendMark
from tests.support.clock import TestClock
from tests.support.world import World

TOLD = {
    "1": [("23:55", None), ("00:00", None), ("00:05", None), ("00:10", None)],  # the last time the last resort
    "2": [("23:55", None), ("23:59", "Ada")],
}


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    """Four alerts: nobody takes the first; the second is escalated by its timer and then, just before midnight,
    by hand; the third is taken at once; the fourth is given to Ben, who takes it.
    """
    clock.moment = clock.moment.replace(hour=23, minute=50)
    world = World(clock, repeat=1, last_resort=True)
    ada, ben = world.cast.ada, world.cast.ben
    for key in ("1", "2", "3", "4"):
        world.fire(key=key)
    world.tick()
    world.acknowledge(ada, 3)
    with transaction():
        reassign(held(4), to=db.session.merge(ben), by=db.session.merge(ada), at=world.now)
    later(world, minutes=1)
    world.acknowledge(ben, 4)
    later(world, minutes=4)
    later(world, minutes=4, seconds=59)
    with transaction():
        escalate_now(held(2), by=db.session.merge(ada), at=world.now)
    later(world, seconds=2)
    world.acknowledge(ada, 2)
    for _ in range(4):
        later(world, minutes=5)
    return world


def later(world: World, **amount: float) -> None:
    world.clock.advance(**amount)
    world.tick()


def keep_all(world: World) -> None:
    """What the engine does in its first minutes: backwards, a piece at a time."""
    since = world.now - tables.REACH
    assert keep.kept_since(since, world.now) is None
    keep.renew(world.now)
    assert keep.kept_since(since, world.now) == world.now


def held(number: int) -> Alert:
    alert = queries.locked(number)
    assert alert is not None
    return alert


def told(found: Tables) -> dict[str, list[tuple[str, str | None]]]:
    moved = found.events[found.events["kind"] == "escalated"]
    who = moved["actor"].astype(object).where(moved["actor"].notna(), None)
    lines: dict[str, list[tuple[str, str | None]]] = {}
    for alert, at, actor in zip(moved["alert_id"], moved["at"].dt.strftime("%H:%M"), who, strict=True):
        lines.setdefault(alert, []).append((at, actor))
    return lines


def test_what_the_timer_escalated_is_counted_and_what_a_hand_did_is_not_counted_twice(
    world: World, database_url: str
) -> None:
    found = frames.read(database_url)
    assert told(found) == TOLD
    table = analytics.escalations(found.alerts, found.events, as_of=found.as_of)
    assert table["total"].to_dict() == {"by timeout": 5, "by hand": 1}
    assert (found.events["kind"] == "paged").sum() > 4  # who is asked first, and whoever is reminded


def test_the_kept_days_and_an_export_tell_the_same(
    world: World, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_all(world)
    kept = tables.read(world.now, world.now)
    assert told(kept) == TOLD
    db.session.remove()
    monkeypatch.setenv("NIGHTBELL_DATABASE_URL", database_url)
    monkeypatch.setenv("NIGHTBELL_INSTANCE_DIR", str(tmp_path / "instance"))
    done = CliRunner().invoke(main, ["export", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert told(archive.read(tmp_path / "out")) == TOLD


def test_who_has_no_device_is_passed_over_and_that_is_an_escalation_too(
    app: APIFlask, clock: TestClock, database_url: str
) -> None:
    world = World(clock)
    with transaction():
        hers = sa.delete(PushSubscription).where(PushSubscription.user_id == world.cast.ada.id)
        db.session.execute(hers)
    world.fire()
    world.tick()
    assert told(frames.read(database_url)) == {"1": [("03:10", None)]}


def test_days_kept_before_are_kept_again(world: World) -> None:
    keep_all(world)
    db.session.remove()
    with db.engine.connect().execution_options(writes=True) as connection:
        with Operations.context(MigrationContext.configure(connection)):
            import_module("app.migrations.versions.0102_days_kept_again").upgrade()
        connection.commit()
    assert db.session.query(TrendMark).count() == 0
    keep_all(world)
