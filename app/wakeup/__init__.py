"""Wake whoever has something to do, as soon as it is committed; the sweep is the net when a wake-up is lost.

`engine()` says that something is due, `page(page_id)` which page is to be sent. How a page's number gets to a
worker is an adapter's matter: `embedded` for one machine, `queued` (procrastinate) for many. Neither is the
truth about what is due: that is in the rows, and every engine looks there each second.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa
from flask import current_app

from app.database import after_commit, db, on_sqlite

CHANNEL = "nightbell_due"


def engine_socket(instance_dir: Path) -> Path:
    """Where the engine listens on this machine. A socket's name may be 107 bytes long at most."""
    return instance_dir / "engine.sock"


def engine() -> None:
    """When the running transaction is committed, tell the engine that something is due."""
    if on_sqlite():
        after_commit("wake the engine", _send_a_byte)
    else:
        db.session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))  # sent by the database at commit


def page(number: Callable[[], int]) -> None:
    """When the running transaction is committed, have this page sent; not at all when it is not.

    `number` is asked for when the rows are written: a batch writes all of them at once.
    """
    adapter(on_sqlite=on_sqlite()).wake(number)


def adapter(*, on_sqlite: bool) -> ModuleType:
    """The one way by which page numbers travel on this kind of database."""
    # read here: an installation on SQLite has no queue
    return import_module("app.wakeup.embedded" if on_sqlite else "app.wakeup.queued")


def _send_a_byte() -> None:
    address = engine_socket(current_app.config["settings"].instance_dir)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        with suppress(OSError):  # no engine here yet, or a full line: it looks for itself every second
            line.sendto(b"!", str(address))
