"""Wake the engine as soon as there is something to do; its sweep is the net when a wake-up is lost."""

import socket
from contextlib import suppress
from pathlib import Path

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


def _send_a_byte() -> None:
    address = engine_socket(current_app.config["settings"].instance_dir)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        with suppress(OSError):  # no engine here yet, or a full line: it looks for itself every second
            line.sendto(b"!", str(address))
