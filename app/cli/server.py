"""The web server: granian with one worker of many threads, in this very process.

Granian runs its workers as children of a parent that watches them. Here `nightbell up` watches, and one worker
is all there ever is: the parent would cost 30 MB, and on kill -9 leave a worker behind that holds the port.
"""

from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from app.memory import share_arenas


class OneProcess(Server):  # type: ignore[misc, valid-type]  # the class depends on the build of Python
    """Runs its only worker here instead of starting it; SIGTERM and SIGINT let requests in hand finish."""

    def _spawn_workers(self, spawn_target: Any, target_loader: Any) -> None:
        worker = self._spawn_worker(idx=0, target=spawn_target, callback_loader=target_loader)
        worker.inner.run()  # multiprocessing's run() does the work of the process, start() would make one
        self.signal_handler_interrupt()


def serve(app: Any, *, host: str, port: int, threads: int) -> None:
    """Answer requests with the WSGI `app` until told to stop."""
    share_arenas()
    OneProcess(
        "wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
    ).serve(target_loader=lambda: app, wrap_loader=False)
