"""The real app on a port of this machine, for a browser, with the test's clock and database."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from apiflask import APIFlask
from playwright.sync_api import BrowserContext
from werkzeug.serving import make_server

from app import clock
from app.database import transaction
from app.people import sessions
from app.people.models import User


@contextmanager
def live(app: APIFlask) -> Iterator[str]:
    """Serve `app` until the block ends; yields its address."""
    app.extensions[
        "incident_watch"
    ].held_for = 0  # by the test's clock, which stands still, it would be for ever
    server = make_server("127.0.0.1", 0, _closing(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="live app", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _closing(app: APIFlask) -> WSGIApplication:
    """Each answer closes what it reads when it is over or dropped. werkzeug's server first empties the
    connection (`execute` in serving.py), and where the browser has left that raises: the file stays open.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        said = app(environ, start_response)
        return _until_over(said)

    return answer


def _until_over(said: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from said
    finally:
        if isinstance(said, _Closes):
            said.close()


@runtime_checkable
class _Closes(Protocol):
    def close(self) -> None: ...


def sign_in(context: BrowserContext, address: str, user: User) -> None:
    """Put a living session into the browser's cookies, as the door would."""
    with transaction():
        _, token = sessions.start(user, device="Chromium", at=clock.now())
    cookie: Any = {"name": "__Host-nightbell", "value": token, "secure": True, "httpOnly": True}
    context.add_cookies([cookie | {"url": address.replace("http:", "https:")}])
