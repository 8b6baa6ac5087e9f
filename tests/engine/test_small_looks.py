"""What the engine looks at each second stays as quick when years of alerts are kept (G12)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import db, transaction
from app.engine import jobs
from app.engine.senders import Senders
from app.paging.channels.registry import Channels
from tests.support.clock import TestClock
from tests.support.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

GROW = ("alert", "escalation", "page", "delivery", "event", "post", "notice", "letter", "incident", "answer")


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """Every statement that is put to the database, with its values."""
    found: list[tuple[str, Any]] = []
    note = lambda *words: found.append((words[2], words[3]))  # noqa: E731 - taken off again below
    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def plans(app: APIFlask, clock: TestClock) -> list[tuple[str, str]]:
    """How SQLite finds what the engine looks at each second: each statement with each step of its plan."""
    World(clock).fire()
    senders = Senders(app, Channels.from_settings(app.config["settings"]), done=lambda: None)
    with asked() as statements:
        for job in (*jobs.EVERY_ROUND, *jobs.EVERY_SECOND):
            job()
        senders.take()
    senders.close()
    found = []
    with transaction():
        for statement, values in statements:
            if re.match(r"(SELECT|UPDATE|DELETE)", statement):
                plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                found += [(" ".join(statement.split()), step) for step in plan.scalars(3)]
    return found


def test_G12_no_look_of_the_second_reads_a_table_that_grows_from_its_first_row(
    plans: list[tuple[str, str]],
) -> None:
    whole = {}
    for statement, step in plans:
        read = re.match(r"SCAN (\w+?)(_\d+)?( |$)(?!USING)", step)
        if read and read[1] in GROW:
            whole[step] = statement[-400:]
    assert not whole


def test_G12_no_look_of_the_second_goes_through_all_alerts_that_wait(plans: list[tuple[str, str]]) -> None:
    """Thousands may be open, each with its timer ahead: nothing is asked of each of them every second."""
    through = {statement[-400:] for statement, step in plans if "escalation_due_index (next_due_at>?" in step}
    assert not {statement for statement in through if "next_due_at <=" not in statement}
