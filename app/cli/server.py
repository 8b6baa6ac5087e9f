"""The web server: a parent of 30 MB that never loads the product, and one worker with many threads that does.

Run by path, as `nightbell web` does, so that the parent stays small.

    python -I app/cli/server.py HOST PORT THREADS
"""

import ctypes
import signal
import sys
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

ROOT = Path(__file__).resolve().parents[2]
GRACE = 10  # seconds a request has to finish before the end is forced
PARENT_DEATH = 1  # prctl's PR_SET_PDEATHSIG


def load_app() -> Any:
    """In the worker: the product. The worker ends with its parent, or it would keep the port for nobody."""
    ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGKILL, 0, 0, 0)
    sys.path.insert(0, str(ROOT))
    from wsgi import app  # read here, by the worker alone

    return app


def main() -> None:
    host, port, threads = sys.argv[1:]
    Server(
        "wsgi:app",
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=int(threads),
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=GRACE,
    ).serve(target_loader=load_app, wrap_loader=False)


if __name__ == "__main__":
    main()
