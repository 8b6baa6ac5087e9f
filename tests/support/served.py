"""The real app at an address of this machine, for a browser to open."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app import clock
from app.database import transaction
from app.people import sessions
from app.people.models import User
from app.web import session as cookie


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Not a line: what went wrong is in the browser's answer."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve `app` in threads of this process; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, name="served app", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def session_cookie(app: Flask, user: User) -> dict[str, object]:
    """A living session of `user`, as Playwright's `add_cookies` takes it."""
    with transaction():
        _, token = sessions.start(user, device="Chromium", at=clock.now())
    with app.test_request_context():
        name = cookie.name_of()
    return {"name": name, "value": token, "url": "https://127.0.0.1/", "secure": True, "httpOnly": True}
