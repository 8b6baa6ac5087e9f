"""Many machines: procrastinate carries page numbers in PostgreSQL, inside the transaction that made the page.

A job says only "send page 7", and saying it twice or never changes nothing: retries, leases and outcomes live
on the page's rows, so jobs are not retried, and what a killed worker leaves behind is swept away. The queue's
tables hold nothing that would be missed; a new version of the library makes them anew.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import procrastinate
import sqlalchemy as sa

from app.database import before_commit, db

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=1)  # a page is the queue's for so long; then the sweep takes it
QUEUE, TASK = "pages", "send_page"
HEARTBEAT, STALLED = 2.0, 10.0  # seconds
POLL = 5.0  # seconds between two looks into the queue, beside what NOTIFY tells
PAUSE = 1.0  # seconds before the queue is tried again


def wake(number: Callable[[], int]) -> None:
    """All pages of the running transaction go into the queue by one statement, just before its commit."""
    before_commit("queue the pages", _Pages()).numbers.append(number)


@dataclass
class _Pages:
    """The pages of one transaction; gone with it when it fails."""

    numbers: list[Callable[[], int]] = field(default_factory=list)

    def __call__(self) -> None:
        db.session.flush()
        connection: Any = db.session().connection().connection.driver_connection
        jobs: list[dict[str, Any]] = [{"page_id": number()} for number in self.numbers]
        _OUTGOING.configure_task(TASK, queue=QUEUE, connection=connection).batch_defer(*jobs)


class Fleet:
    """One worker among any number, on any machine. `take` sends what is due of a page; it answers soon.

    `run` begins in a thread of its own, and outlives a database that goes away. `stop` lets the job in hand
    finish.
    """

    def __init__(self, database_url: str, take: Callable[[int], None]) -> None:
        url = sa.make_url(database_url).set(drivername="postgresql")
        self._app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(
                conninfo=url.render_as_string(hide_password=False), min_size=1, max_size=4
            )
        )
        self._take = take
        self._app.task(name=TASK, queue=QUEUE)(self._send_page)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._work()), name="queue", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = threading.Event()
        self._worker: asyncio.Task[None] | None = None

    def run(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._loop is not None and self._worker is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._worker.cancel)
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    async def _send_page(self, page_id: int) -> None:
        await asyncio.to_thread(self._take, page_id)

    async def _work(self) -> None:
        self._loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            self._worker = asyncio.create_task(self._serve())
            try:
                await self._worker
            except asyncio.CancelledError:
                break
            except Exception as error:
                log.warning("the queue cannot be read, the sweep goes on alone: %s", type(error).__name__)
            await asyncio.sleep(PAUSE)

    async def _serve(self) -> None:
        async with self._app.open_async():
            await self._app.run_worker_async(
                queues=[QUEUE], concurrency=8, delete_jobs="always", install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT, stalled_worker_timeout=STALLED,
                fetch_job_polling_interval=POLL, shutdown_graceful_timeout=5.0,
            )  # fmt: skip


def forget_lost() -> int:
    """What killed workers left as begun, whose pages the sweep has taken long ago. Inside a transaction."""
    begun = db.session.execute(
        sa.text(
            "DELETE FROM procrastinate_jobs WHERE status <> 'todo' AND NOT EXISTS"
            " (SELECT 1 FROM procrastinate_workers WHERE id = procrastinate_jobs.worker_id"
            " AND last_heartbeat > now() - make_interval(secs => :stalled)) RETURNING id"
        ),
        {"stalled": STALLED},
    )
    return len(begun.all())


def prepare(connection: sa.Connection) -> None:
    """Make the queue's tables; those of another version of the library are dropped first, and their jobs."""
    wanted = f"procrastinate {procrastinate.__version__}"
    present = connection.scalar(
        sa.text("SELECT obj_description(to_regclass('procrastinate_jobs'), 'pg_class')")
    )
    if present == wanted:
        return
    connection.exec_driver_sql(_DROP)
    connection.exec_driver_sql(procrastinate.schema.SchemaManager.get_schema().replace("%", "%%"))
    connection.exec_driver_sql(f"COMMENT ON TABLE procrastinate_jobs IS '{wanted}'")


_OUTGOING = procrastinate.App(
    connector=procrastinate.PsycopgConnector()
)  # never opened: it only words statements
_DROP = """
DO $$ DECLARE found record; BEGIN
  FOR found IN SELECT oid::regclass AS name FROM pg_class
      WHERE relkind = 'r' AND relname LIKE 'procrastinate\\_%%'
      AND relnamespace = current_schema()::regnamespace LOOP
    EXECUTE format('DROP TABLE IF EXISTS %%s CASCADE', found.name); END LOOP;
  FOR found IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate\\_%%'
      AND pronamespace = current_schema()::regnamespace LOOP
    EXECUTE format('DROP FUNCTION IF EXISTS %%s CASCADE', found.name); END LOOP;
  FOR found IN SELECT oid::regtype AS name FROM pg_type WHERE typname LIKE 'procrastinate\\_%%'
      AND typtype IN ('e', 'c') AND typnamespace = current_schema()::regnamespace LOOP
    EXECUTE format('DROP TYPE IF EXISTS %%s CASCADE', found.name); END LOOP;
END $$
"""
