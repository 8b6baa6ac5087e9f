"""Somebody's calendar on a web server of this machine: what it says can be changed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class CalendarHost:
    """`body` is what it gives, with `status`; `asked` how often it was called."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.body = b""
        self.status = 200
        self.asked = 0

    @property
    def address(self) -> str:
        return f"http://{self.host}/private-3f9c/basic.ics"


@contextmanager
def calendar_host() -> Iterator[CalendarHost]:
    """One that runs until the end of the block; its `host` has to be named as one of our own network."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there.asked += 1
            self.send_response(there.status)
            self.send_header("Content-Length", str(len(there.body)))
            self.end_headers()
            self.wfile.write(there.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    there = CalendarHost(f"127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield there
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
