"""The real app on a port of this machine, for a browser, with the test's clock and database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="live app", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sign_in(context: BrowserContext, address: str, user: User) -> None:
    """Put a living session into the browser's cookies, as the door would."""
    with transaction():
        _, token = sessions.start(user, device="Chromium", at=clock.now())
    cookie: Any = {"name": "__Host-nightbell", "value": token, "secure": True, "httpOnly": True}
    context.add_cookies([cookie | {"url": address.replace("http:", "https:")}])
