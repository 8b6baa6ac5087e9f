"""The loop: do what is due, send what is queued, sleep; until told to stop, with the item in hand finished."""

import fcntl
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app import clock, migrations, wakeup
from app.config import Settings
from app.database import let_go_after
from app.engine import jobs
from app.engine.alarm import Alarm
from app.engine.canary import CanaryRound
from app.engine.courier import Courier
from app.engine.heartbeat import beat, unwell
from app.engine.postman import Postman
from app.engine.senders import Senders
from app.memory import give_back, share_arenas
from app.paging.channels.registry import Channels
from app.paging.deliver import LEASE
from app.smtp import MailServer

log = logging.getLogger(__name__)

LET_GO_AFTER = LEASE  # of row locks, when this host is cut off: as of what it was about to send
A_MINUTE = 60.0
LONGEST_SLEEP = 1.0  # seconds; the sweep that finds what no wake-up told of
DATABASE_AWAY = 1.0  # seconds between two tries while the database is not there
SCHEMA_MOVED_ON = 5.0  # seconds between two looks at a schema that is not this code's


class EngineAlreadyRuns(Exception):
    """Another engine works on this SQLite file (INV-19)."""


class Engine:
    """One engine process. `stop()` may be called from a signal or another thread."""

    def __init__(self, app: Flask) -> None:
        settings: Settings = app.config["settings"]
        self._app = app
        self._heartbeat_url = settings.heartbeat_url
        self._with_canary = settings.proven_at is not None
        self._alarm = Alarm(settings)
        self._channels = Channels.from_settings(settings)
        self._senders = Senders(app, self._channels, done=self._alarm.ring)
        self._canary = CanaryRound(app, beside=self._senders.beside)
        self._courier = Courier(app, self._channels)
        self._postman = Postman(app, MailServer.from_settings(settings))
        self._wakeup = wakeup.adapter(on_sqlite=settings.on_sqlite)
        self._fleet = self._wakeup.Fleet(settings.database_url, self._send_page)
        self._stopping = threading.Event()
        self._next_second = self._next_minute = 0.0
        self._next_errand = time.monotonic() + A_MINUTE
        self._schema = migrations.head()  # as this process was loaded: an update changes the files under it
        self._stands_aside = False

    def stop(self) -> None:
        self._stopping.set()
        self._alarm.ring()

    def run(self) -> None:
        """Work until stopped. A database that goes away is waited for, never a reason to end."""
        self._fleet.run()
        try:
            while not self._stopping.is_set():
                try:
                    if not self._knows_the_schema():
                        self._alarm.sleep(SCHEMA_MOVED_ON)
                        continue
                    did = self._round()
                except SQLAlchemyError:
                    log.exception("the database did not answer; trying again")
                    self._alarm.sleep(DATABASE_AWAY)
                    continue
                if not did:
                    self._alarm.sleep(LONGEST_SLEEP)
        finally:
            self._fleet.stop()
            self._senders.close()
            self._postman.close()
            self._courier.close()
            self._channels.close()
            self._canary.close()
            self._alarm.close()

    def _knows_the_schema(self) -> bool:
        """Old code that meets a newer schema claims nothing, and says so (INV-25). Looked at each second."""
        if time.monotonic() < self._next_second and not self._stands_aside:
            return True
        with self._app.app_context():
            here = migrations.current()
        stood_aside, self._stands_aside = self._stands_aside, here != self._schema
        if self._stands_aside and not stood_aside:
            log.error("the database is at schema %s, this engine knows %s: it stands aside", here, self._schema)
        return not self._stands_aside

    def _round(self) -> int:
        with self._app.app_context():
            did = sum(_do(job) for job in jobs.EVERY_ROUND)
            now = time.monotonic()
            if now >= self._next_second:
                self._next_second = now + 1
                did += sum(_do(job) for job in jobs.EVERY_SECOND)
                did += _do(self._postman.take) + _do(self._courier.take)
                did += _do(self._canary.step)
                if _do(jobs.channels_wait):
                    self._senders.beside(partial(self._beside, jobs.make_channels))
            if now >= self._next_minute:
                self._next_minute = now + A_MINUTE
                did += sum(_do(job) for job in jobs.EVERY_MINUTE)
                self._senders.beside(self._audit_and_beat)
                for job in jobs.BESIDE:
                    self._senders.beside(partial(self._beside, job))
                give_back()
            if now >= self._next_errand:
                self._next_errand = now + A_MINUTE
                for job in jobs.ERRANDS:
                    self._senders.beside(partial(self._beside, job))
            return did + self._senders.take(grace=self._wakeup.GRACE)

    def _send_page(self, page_id: int) -> None:
        """A worker of the fleet was told of this page: send what of it is due."""
        if self._stands_aside:
            return
        with self._app.app_context():
            self._senders.take(of_page=page_id)

    def _beside(self, job: jobs.Job) -> None:
        try:
            with self._app.app_context():
                _do(job)
        except SQLAlchemyError:
            log.exception("the database did not answer the job %s; it is tried again", job.__name__)

    def _audit_and_beat(self) -> None:
        """The outside watcher hears of us only when tick, auditor and canary are well (INV-27)."""
        self._beside(jobs.audit)
        if self._heartbeat_url is None:
            return
        with self._app.app_context():
            try:
                why = unwell(clock.now(), with_canary=self._with_canary)
            except SQLAlchemyError:
                why = ["the database does not answer"]
        if why:
            log.error("the heartbeat is withheld: %s", "; ".join(why))
        else:
            beat(self._heartbeat_url)


def _do(job: jobs.Job) -> int:
    """One job, whose fault holds up none of the others (INV-20). A database that is away holds up all."""
    try:
        return job()
    except SQLAlchemyError:
        raise
    except Exception:
        log.exception("the job %s failed; it is tried again in its turn", job.__name__)
        return 0


def run(app: Flask) -> None:
    """Be the engine of this installation until SIGTERM or SIGINT.

    Raises EngineAlreadyRuns when another one holds this SQLite file.
    """
    settings: Settings = app.config["settings"]
    share_arenas()
    with app.app_context():
        let_go_after(LET_GO_AFTER)
    with only_engine(settings.instance_dir / "engine.lock") if settings.on_sqlite else _any_number():
        engine = Engine(app)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: engine.stop())
        engine.run()


@contextmanager
def only_engine(path: Path) -> Iterator[None]:
    """Hold the engine's lock file; the system frees it with the process, however that ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise EngineAlreadyRuns(f"An engine already runs on this database (it holds {path}).") from error
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _any_number() -> Iterator[None]:
    yield
