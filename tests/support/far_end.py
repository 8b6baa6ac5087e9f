"""Somebody's web server on loopback: keeps what it is sent, answers as it is told to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Came:
    """One request."""

    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True)
class Says:
    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)


class FarEnd:
    """`with FarEnd() as there:` then `there.url`. `judge` decides on each answer; `hangs`: there is none."""

    def __init__(self) -> None:
        self.came: list[Came] = []
        self.judge: Callable[[Came], Says] = lambda _: Says()
        self.hangs = False
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def forget(self) -> None:
        """As it was at the start."""
        self.came.clear()
        self.judge, self.hangs = lambda _: Says(), False

    def always(self, says: Says) -> None:
        self.judge = lambda _: says

    def answer(self, came: Came) -> Says | None:
        """What to say; None when the block ended first."""
        self.came.append(came)
        if self.hangs and self._over.wait():
            return None
        return self.judge(came)


def _handler(far_end: FarEnd) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            says = far_end.answer(Came(self.path, headers, body))
            if says is None:
                return
            self.send_response(says.status)
            for name, value in says.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(says.body)))
            self.end_headers()
            self.wfile.write(says.body)

        def log_message(self, *_words: Any) -> None:
            """Not to the test's output."""

    return Handler
