"""Mail's own thread: whatever the mail server does, no page and no escalation waits for it."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from app import clock
from app.notices import mail
from app.smtp import MailServer

log = logging.getLogger(__name__)


class Postman:
    """Takes one batch at a time to the mail server."""

    def __init__(self, app: Flask, server: MailServer | None) -> None:
        self._app, self._server = app, server
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="postman")
        self._is_out = threading.Event()

    def take(self) -> int:
        """Start a round if something is due and none is on the way. Returns how many rounds began."""
        if self._server is None or self._is_out.is_set() or not mail.has_due(at=clock.now()):
            return 0
        self._is_out.set()
        self._thread.submit(self._round)
        return 1

    def close(self) -> None:
        """Finish the round in hand."""
        self._thread.shutdown(wait=True)

    def _round(self) -> None:
        try:
            with self._app.app_context():
                mail.send_due(self._server)
        except Exception:
            log.exception("a round of mail failed; its leases run out and it goes again")
        finally:
            self._is_out.clear()
