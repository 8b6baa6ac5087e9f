"""A way to PostgreSQL that can be cut: an engine behind it is alone, and everybody else goes on."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa


class Way:
    """Hands on what comes at `port`. `cut()` keeps every connection open and lets nothing through, as a lost
    network does; `heal()` lets on what was kept back.
    """

    def __init__(self, database_url: str) -> None:
        url = sa.make_url(database_url)
        self._directory, self._to = url.query.get("host"), (url.host or "127.0.0.1", url.port or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = url.set(host="127.0.0.1", port=self.port, query={}).render_as_string(hide_password=False)
        self._open = threading.Event()
        self._open.set()
        threading.Thread(target=self._accept, name="way", daemon=True).start()

    def cut(self) -> None:
        self._open.clear()

    def heal(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._open.set()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                threading.Thread(target=self._between, args=(here, self._connect()), daemon=True).start()

    def _between(self, here: socket.socket, there: socket.socket) -> None:
        with here, there:
            back = threading.Thread(target=self._hand_on, args=(there, here), daemon=True)
            back.start()
            self._hand_on(here, there)
            back.join()

    def _connect(self) -> socket.socket:
        if self._directory is None:
            return socket.create_connection(self._to)
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(Path(str(self._directory)) / f".s.PGSQL.{self._to[1]}"))
        return line

    def _hand_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while some := source.recv(65536):
                self._open.wait()
                target.sendall(some)
        for line in (source, target):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


@contextmanager
def a_way_to(database_url: str) -> Iterator[Way]:
    way = Way(database_url)
    try:
        yield way
    finally:
        way.close()
