"""A way to PostgreSQL that can be cut: an engine behind it is alone, and everybody else goes on."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

Address = tuple[str, int] | str  # a host and its port, or the path of a socket


class Relay:
    """Hands on what comes at `port` to `to`. `cut()` keeps every connection open and lets nothing through, as a
    lost network does; `heal()` lets on what was kept back.
    """

    def __init__(self, to: Address, listen: str = "127.0.0.1", port: int = 0) -> None:
        self._to = to
        self._listener = socket.create_server((listen, port))
        self.port = int(self._listener.getsockname()[1])
        self._open = threading.Event()
        self._open.set()
        threading.Thread(target=self._accept, name="relay", daemon=True).start()

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
                threading.Thread(target=self._between, args=(here,), daemon=True).start()

    def _between(self, here: socket.socket) -> None:
        with here, suppress(OSError), self._connect() as there:
            back = threading.Thread(target=self._hand_on, args=(there, here), daemon=True)
            back.start()
            self._hand_on(here, there)
            back.join()

    def _connect(self) -> socket.socket:
        if not isinstance(self._to, str):
            return socket.create_connection(self._to)
        line = socket.socket(socket.AF_UNIX)
        line.connect(self._to)
        return line

    def _hand_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while some := source.recv(65536):
                self._open.wait()
                target.sendall(some)
        for line in (source, target):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


class Way(Relay):
    """One to PostgreSQL, by another address."""

    def __init__(self, database_url: str) -> None:
        super().__init__(postgresql_at(database_url))
        url = sa.make_url(database_url).set(host="127.0.0.1", port=self.port, query={})
        self.url = url.render_as_string(hide_password=False)


def postgresql_at(database_url: str) -> Address:
    """Where a server listens: its own are reached by a socket in the file system."""
    url = sa.make_url(database_url)
    directory, port = url.query.get("host"), url.port or 5432
    return (
        (url.host or "127.0.0.1", port) if directory is None else str(Path(str(directory)) / f".s.PGSQL.{port}")
    )


@contextmanager
def relay(to: Address, listen: str) -> Iterator[Relay]:
    one = Relay(to, listen)
    try:
        yield one
    finally:
        one.close()


@contextmanager
def a_way_to(database_url: str) -> Iterator[Way]:
    way = Way(database_url)
    try:
        yield way
    finally:
        way.close()
