"""Real engines in processes of their own, for killing.

`python -m tests.fault.engine_process` loads the product once and then forks an engine for each line it reads:
JSON with `environ` and `wishes`; it answers with the process's number. So an engine starts in a moment, however
slow the machine. The harness may shorten the lease, take guards away and set fault points here; nothing in the
product can be told to.
"""

import ctypes
import json
import os
import secrets
import signal
import sys
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from app import create_app, create_pageless_app, migrations, wakeup
from app.alerts import escalate
from app.cli.server import serve
from app.config import Settings
from app.engine import jobs, run, senders
from app.outbound import Outbound
from app.paging import deliver
from app.paging.channels.registry import Channels
from app.wakeup import embedded
from app.wakeup import queued as _loaded_early  # noqa: F401
from tests.fault import hosts
from tests.fault.mutants import MUTANTS

PARENT_DEATH = 1  # prctl's PR_SET_PDEATHSIG


def die_at(point: str, nth: int) -> None:
    """Be killed without a last word the `nth` time that this point is reached."""
    reached = 0

    def end() -> None:
        nonlocal reached
        reached += 1
        if reached == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    def after(module: Any, name: str) -> None:
        before = getattr(module, name)

        def instead(*words: Any, **named: Any) -> Any:
            answer = before(*words, **named)
            end()
            return answer

        setattr(module, name, instead)

    def ahead(module: Any, name: str) -> None:
        before = getattr(module, name)

        def instead(*words: Any, **named: Any) -> Any:
            end()
            return before(*words, **named)

        setattr(module, name, instead)

    match point:
        case "step_before_commit":
            after(escalate, "_advance")
        case "step_after_commit":
            whole = jobs.take_due_steps

            def take_due_steps() -> int:
                did = whole()
                if did:
                    end()
                return did

            jobs.EVERY_ROUND = (take_due_steps,)
        case "claim_before_commit":
            claims = senders.claim_due

            def claim_due(*words: Any, **named: Any) -> Any:
                found = claims(*words, **named)
                if found:
                    end()
                return found

            senders.claim_due = claim_due
        case "before_send":
            ahead(Channels, "send")
        case "after_send_before_mark":
            ahead(deliver, "mark")
        case "mark_before_commit":
            after(deliver, "mark")
        case "mark_after_commit":
            after(senders, "deliver")
        case _:
            raise ValueError(point)


POINTS = (
    "step_before_commit", "step_after_commit", "claim_before_commit", "before_send", "after_send_before_mark",
    "mark_before_commit", "mark_after_commit",
)  # fmt: skip


def be_an_engine(wishes: dict[str, Any]) -> None:
    deliver.LEASE = timedelta(seconds=float(wishes.get("lease", 10)))
    # whose a lease is, for the checker
    deliver.secrets = SimpleNamespace(token_hex=lambda size: f"{os.getpid()}-{secrets.token_hex(size)}")  # type: ignore[assignment]
    if "let_go" in wishes:
        import_module("app.engine.run").LET_GO_AFTER = timedelta(seconds=float(wishes["let_go"]))
    if "schema" in wishes:
        migrations.head = lambda: str(wishes["schema"])  # code of another version
    if "name" in wishes:
        _sign_what_is_sent(str(wishes["name"]))
    if wishes.get("sweep_only"):
        wakeup.adapter = lambda **_: embedded
    for name in wishes.get("mutants", ()):
        MUTANTS[name]()
    if "die_at" in wishes:
        die_at(wishes["die_at"], int(wishes.get("nth", 1)))
    run(create_pageless_app())


def _sign_what_is_sent(name: str) -> None:
    """So that a push service can tell whose message it is."""
    begin = Outbound.__init__

    def __init__(self: Outbound, **words: Any) -> None:
        begin(self, **words)
        self.headers["X-Engine"] = name

    Outbound.__init__ = __init__  # type: ignore[method-assign]


def be_web(port: int, listen: str) -> None:
    """Pages, API and intake, on a port of this machine, or of the host that it is on."""
    serve(create_app(Settings.from_environment(), api_on_demand=True), host=listen, port=port, threads=8)


def fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # numbers only: what its errands say is no answer
    os.environ.update(order["environ"])
    try:
        wishes = order["wishes"]
        if "host" in wishes:
            hosts.enter(wishes["host"], wishes.get("loopback"))
        port = wishes.get("web_on")
        be_an_engine(wishes) if port is None else be_web(port, wishes.get("listen", "127.0.0.1"))
    except BaseException as error:
        sys.stderr.write(f"the engine ended: {error!r}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are gone at once: nobody waits for them
    for line in sys.stdin:
        order = json.loads(line)
        if "web_on" in order["wishes"]:
            import_module("app.web")  # once: each web process is forked with it
        sys.stdout.write(f"{fork(order)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
