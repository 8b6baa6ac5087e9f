"""How the engine sleeps: until something is due, somebody wakes it, or a second has passed."""

import selectors
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from app.config import Settings
from app.wakeup import CHANNEL, engine_socket

if TYPE_CHECKING:
    import psycopg  # ten megabytes that an engine on SQLite does without


class Alarm:
    """Woken by a byte on a local socket, by NOTIFY on PostgreSQL, and by our own senders."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._selector = selectors.DefaultSelector()
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._theirs.setblocking(False)
        self._selector.register(self._ours, selectors.EVENT_READ)
        self._line: socket.socket | None = None
        self._database: psycopg.Connection[Any] | None = None
        self._database_line = -1  # its descriptor: a lost connection does not give it any more
        if settings.on_sqlite:
            self._listen_on_socket()

    def ring(self) -> None:
        """Wake the engine from one of its own threads, or from a signal."""
        with suppress(OSError):
            self._theirs.send(b"!")

    def sleep(self, seconds: float) -> None:
        """Sleep until woken, `seconds` at most."""
        if not self._settings.on_sqlite and self._database is None:
            self._listen_on_database()
        for key, _events in self._selector.select(seconds):
            if key.fd == self._database_line:
                self._read_notifications()
            else:
                self._drain(key.fileobj)

    def close(self) -> None:
        self._selector.close()
        for line in (self._ours, self._theirs, self._line, self._database):
            if line is not None:
                line.close()
        if self._settings.on_sqlite:
            engine_socket(self._settings.instance_dir).unlink(missing_ok=True)

    def _listen_on_socket(self) -> None:
        path = engine_socket(self._settings.instance_dir)
        path.unlink(missing_ok=True)  # left by an engine that was killed; the lock file says it is gone
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind(str(path))
        self._line.setblocking(False)
        self._selector.register(self._line, selectors.EVENT_READ)

    def _listen_on_database(self) -> None:
        """Without this line the engine still looks every second; it is tried again at each sleep."""
        import psycopg

        url = make_url(self._settings.database_url).set(drivername="postgresql")
        with suppress(psycopg.Error):
            database = psycopg.connect(
                url.render_as_string(hide_password=False), autocommit=True, connect_timeout=5
            )
            try:
                database.execute(f"LISTEN {CHANNEL}")
            except psycopg.Error:
                database.close()
                raise
            self._database, self._database_line = database, database.fileno()
            self._selector.register(self._database_line, selectors.EVENT_READ)

    def _read_notifications(self) -> None:
        import psycopg

        assert self._database is not None
        try:
            for _notification in self._database.notifies(timeout=0):
                pass
        except psycopg.Error:
            self._selector.unregister(self._database_line)
            self._database.close()
            self._database, self._database_line = None, -1

    @staticmethod
    def _drain(line: Any) -> None:
        with suppress(BlockingIOError):
            while line.recv(64):
                pass
