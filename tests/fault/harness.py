"""Real engine processes, a push service that keeps the outside truth, and a checker that reads both."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app import clock
from app.alerts import queries
from app.alerts.acknowledge import acknowledge
from app.alerts.models import Alert, Integration
from app.alerts.receive import receive
from app.config import Settings
from app.database import UtcDateTime, db, on_sqlite, transaction
from app.domain.alert import IncomingAlert
from app.domain.words import Severity
from app.paging.models import PushSubscription
from app.paging.webpush import WebPush
from app.people.models import User
from tests.fault.hosts import Host
from tests.support.cast import Cast, give_key, make_device, make_policy
from tests.support.databases import settings_for
from tests.support.push_service import PushService
from tests.support.stand_in import StandIn
from tests.support.waiting import until

PLACE = ("run", "round", "step", "reminder")
ROUTING_KEY = "0123456789abcdef" * 2
STEP = 0.01  # minutes a step waits here: 0.6 seconds


class Nursery:
    """A process that has the product loaded and forks an engine whenever it is asked for one."""

    def __init__(self, log: Path) -> None:
        self.log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.fault.engine_process"],
                cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out,
            )  # fmt: skip

    def engine(self, settings: Settings, wishes: dict[str, object]) -> "EngineProcess":
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = json.dumps({"environ": environment(settings), "wishes": wishes})
        self._process.stdin.write(order.encode() + b"\n")
        self._process.stdin.flush()
        return EngineProcess(int(self._process.stdout.readline()))

    def close(self) -> None:
        with self._process as process:
            process.kill()


@dataclass(frozen=True)
class EngineProcess:
    """One engine, or web. When it is dead its number is nobody's."""

    pid: int

    def is_alive(self) -> bool:
        return Path(f"/proc/{self.pid}").exists()

    def send(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """No warning, no last words."""
        self.send(signal.SIGKILL)
        until(lambda: not self.is_alive(), within=30, every=0.005, what="the engine is gone")


class Lane:
    """One installation under test: three steps, each to a person with a device, Mara as the last resort.

    `kind` is how engines work here: "sqlite" has one; "sweep" and "queue" have two on PostgreSQL.
    """

    def __init__(
        self, instance: Path, database_url: str, service: PushService, nursery: Nursery, kind: str = "sqlite"
    ) -> None:
        self.settings = settings_for(instance, database_url, push_hosts=service.host)
        self.service, self.nursery, self.kind = service, nursery, kind
        self.engines: list[EngineProcess] = []
        self.in_hand = 0
        line = WebPush.from_settings(self.settings)
        self.devices: dict[str, StandIn] = {}
        with transaction():
            cast = Cast()
            db.session.execute(sa.delete(PushSubscription))
            for person in (cast.ada, cast.ben, cast.cleo, cast.mara):
                stand_in = service.subscribe(line.public_key)
                make_device(person, stand_in.endpoint, p256dh=stand_in.p256dh, auth=stand_in.auth)
                self.devices[person.name] = stand_in
            policy = make_policy(cast.search, (1, [cast.ada]), (1, [cast.ben]), (1, [cast.cleo]))
            policy.steps = [step | {"wait_minutes": STEP} for step in policy.steps]
            cast.checkout.escalation_policy_id = policy.id
            give_key(cast.integration, ROUTING_KEY)
            self.integration_id, self.ada_id = cast.integration.id, cast.ada.id
        line.close()
        watch_for_second_marks()

    @property
    def many(self) -> int:
        """How many engines work here."""
        return 1 if self.kind == "sqlite" else 2

    def fire(self, key: str) -> int:
        """A report comes in, committed before this returns, as intake does it."""
        with transaction():
            door = db.session.get(Integration, self.integration_id)
            assert door is not None
            received = receive(IncomingAlert(key, key, severity=Severity.CRITICAL), door, at=clock.now())
        assert received.alert_id is not None
        return received.alert_id

    def acknowledge(self, alert_id: int) -> None:
        """Ada takes it; told "try again", as an engine that is starved holds its row for long, she does."""

        def tap() -> bool:
            with suppress(OperationalError), transaction():
                alert, ada = queries.locked(alert_id), db.session.get(User, self.ada_id)
                assert alert is not None
                assert ada is not None
                acknowledge(alert, by=ada, at=clock.now())
                return True
            return False

        until(tap, within=60)

    def start_engine(self, *, database_url: str | None = None, **wishes: object) -> EngineProcess:
        """One more; it may have its own way to the database."""
        settings = replace(self.settings, database_url=database_url or self.settings.database_url)
        started = self.nursery.engine(settings, {"sweep_only": self.kind == "sweep", **wishes})
        self.engines.append(started)
        return started

    def start_web(self, port: int, host: Host | None = None) -> EngineProcess:
        """A web process, of that host, which answers at this port when this returns."""
        settings, address = self.settings, "127.0.0.1"
        wishes: dict[str, object] = {"web_on": port}
        if host is not None:
            settings = replace(settings, database_url=host.database_url)
            wishes |= {"listen": host.address, "host": host.name}
            address = host.address
        started = self.nursery.engine(settings, wishes)
        until(lambda: _answers(port, address), within=60, what=lambda: self.nursery.log.read_text()[-2000:])
        return started

    def start_engines(self, **wishes: object) -> None:
        """As many as work here, those that live counted in."""
        self.engines = [engine for engine in self.engines if engine.is_alive()]
        while len(self.engines) < self.many:
            self.start_engine(**wishes)

    def kill_engines(self) -> None:
        for engine in self.engines:
            engine.kill()
        self.engines = []

    def kill(self, engine: EngineProcess) -> None:
        """Kill this one, and count the pages that it held: what it sent of them may go out once more (P-6)."""
        engine.kill()
        self.in_hand += self.held_by(engine)

    def held_by(self, engine: EngineProcess) -> int:
        """How many pages it has claimed and not written down yet."""
        db.session.rollback()
        held = sa.text("SELECT count(*) FROM delivery WHERE lease_token LIKE :its")
        return db.session.scalar(held, {"its": f"{engine.pid}-%"}) or 0

    def cut_connections(self) -> None:
        """PostgreSQL ends every connection but ours: what was sent and not noted may go out once more."""
        self.in_hand += sum(self.held_by(engine) for engine in self.engines)
        ends = sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        db.session.execute(ends)
        db.session.rollback()

    def settle(self, *, within: float) -> None:
        """Wait until it is quiet, and end every engine in that very state, so that nothing moves under the
        checker: the last resort asks again for as long as one lives.
        """

        def is_still() -> bool:
            if not self.is_quiet():
                return False
            for engine in self.engines:
                engine.send(signal.SIGSTOP)
            if self.is_quiet():
                return True
            for engine in self.engines:
                engine.send(signal.SIGCONT)
            return False

        until(is_still, within=within, every=0.1, what="every alert answered or at its last resort")
        self.kill_engines()

    def waiting(self) -> int:
        """How many pages are due and not sent."""
        db.session.rollback()
        due = sa.text("SELECT count(*) FROM delivery WHERE next_attempt_at <= :now")
        return db.session.scalar(due.bindparams(sa.bindparam("now", clock.now(), UtcDateTime()))) or 0

    def is_quiet(self) -> bool:
        """Every alert is acknowledged or has come to the last resort, and nothing waits to be sent."""
        if not any(engine.is_alive() for engine in self.engines):
            raise AssertionError(self.nursery.log.read_text()[-2000:])
        db.session.rollback()
        running = db.session.scalar(sa.text("SELECT count(*) FROM escalation WHERE state = 'running'"))
        waiting = db.session.scalar(sa.text("SELECT count(*) FROM delivery WHERE next_attempt_at IS NOT NULL"))
        return running == 0 and waiting == 0


@dataclass
class Verdict:
    """What the checker found. All lists empty and both counts 0: every promise held."""

    lost: list[int] = field(default_factory=list)  # pages that no device ever got
    missing_steps: list[int] = field(default_factory=list)  # alerts whose policy was not gone through
    double_changes: int = 0  # a state written twice: steps taken twice, marks overwritten by late workers
    paged_after_ack: int = 0
    without_timer: int = 0  # INV-2 and INV-5: nobody will ever look at them again
    double_sends: int = 0  # the same page again after a crash: allowed, and one notification on the device
    in_hand: int = 0  # pages that killed engines held: so many double sends are explained

    def line(self) -> str:
        return (
            f"lost={len(self.lost)} missing_steps={len(self.missing_steps)} dup_state={self.double_changes} "
            f"after_ack={self.paged_after_ack} without_timer={self.without_timer} dup_send={self.double_sends}"
            f" in_hand={self.in_hand}"
        )

    @property
    def holds(self) -> bool:
        return not (
            self.lost
            or self.missing_steps
            or self.double_changes
            or self.paged_after_ack
            or self.without_timer
            or self.double_sends > self.in_hand
        )


def check(lane: Lane) -> Verdict:
    """Compare the database with what the devices got."""
    db.session.rollback()
    got = Counter(
        rung.page for device in lane.devices.values() for rung in device.log if rung.data["kind"] == "page"
    )
    verdict = Verdict(double_sends=sum(times - 1 for times in got.values()), in_hand=lane.in_hand)
    for page_id, status in _rows("SELECT id, status FROM page WHERE kind = 'page'"):
        if not got[str(page_id)] and status != "cancelled":
            verdict.lost.append(page_id)
    # three steps and the last resort, which asks again every five minutes where a test takes that long
    unacknowledged = (
        "SELECT alert.id, (SELECT count(DISTINCT step) FROM page WHERE kind = 'page'"
        " AND subject_id = alert.id) AS steps FROM alert WHERE acknowledged_at IS NULL"
    )
    verdict.missing_steps = [alert_id for alert_id, steps in _rows(unacknowledged) if steps != 4]
    paged = [
        (alert_id, _json(data))
        for alert_id, data in _rows("SELECT subject_id, data FROM event WHERE kind = 'paged'")
    ]
    steps = Counter((alert_id, *(facts.get(name) for name in PLACE)) for alert_id, facts in paged)
    twice = sum(times - 1 for times in steps.values())
    overwritten = db.session.scalar(sa.text("SELECT count(*) FROM written_twice")) or 0
    verdict.double_changes = twice + overwritten
    verdict.paged_after_ack = len(
        _rows(
            "SELECT page.id FROM page JOIN alert ON alert.id = page.subject_id"
            " WHERE page.kind = 'page' AND page.created_at > alert.acknowledged_at"
        )
    )
    verdict.without_timer = len(
        _rows("SELECT id FROM alert WHERE id NOT IN (SELECT alert_id FROM escalation)")
        + _rows(
            "SELECT page.id FROM page WHERE status = 'queued' AND NOT EXISTS"
            " (SELECT 1 FROM delivery WHERE page_id = page.id AND next_attempt_at IS NOT NULL)"
        )
    )
    return verdict


def _answers(port: int, address: str = "127.0.0.1") -> bool:
    with socket.socket() as line:
        return line.connect_ex((address, port)) == 0


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def environment(settings: Settings) -> dict[str, str]:
    """The same installation, for a process of its own."""
    return {
        "NIGHTBELL_INSTANCE_DIR": str(settings.instance_dir),
        "NIGHTBELL_DATABASE_URL": settings.database_url,
        "NIGHTBELL_SECRET_KEY": settings.secret_key,
        "NIGHTBELL_VAPID_PRIVATE_KEY": settings.vapid_private_key,
        "NIGHTBELL_VAPID_SUBJECT": settings.vapid_subject,
        "NIGHTBELL_PUSH_HOSTS": ",".join(settings.push_hosts),
        "NIGHTBELL_CANARY_URL": settings.canary_url or "off",
        "NIGHTBELL_PUSH_GAP": "0",  # each page by itself, so that every one can be counted where it arrives
    }


def count_alerts() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(Alert)) or 0


def watch_for_second_marks() -> None:
    """The database itself notes when an accepted delivery is written as accepted again."""
    sqlite = (
        "CREATE TRIGGER second_mark AFTER UPDATE OF accepted_at ON delivery"
        " WHEN OLD.accepted_at IS NOT NULL AND NEW.accepted_at IS NOT OLD.accepted_at"
        " BEGIN INSERT INTO written_twice VALUES (OLD.id); END"
    )
    postgresql = (
        "CREATE OR REPLACE FUNCTION second_mark() RETURNS trigger AS $$ BEGIN"
        " INSERT INTO written_twice VALUES (OLD.id); RETURN NEW; END $$ LANGUAGE plpgsql;"
        "CREATE OR REPLACE TRIGGER second_mark AFTER UPDATE OF accepted_at ON delivery FOR EACH ROW"
        " WHEN (OLD.accepted_at IS NOT NULL AND NEW.accepted_at IS DISTINCT FROM OLD.accepted_at)"
        " EXECUTE FUNCTION second_mark()"
    )
    with transaction() as session:
        session.execute(sa.text("CREATE TABLE IF NOT EXISTS written_twice (delivery_id INTEGER)"))
        session.execute(sa.text("DELETE FROM written_twice"))
        session.connection().exec_driver_sql(sqlite if on_sqlite() else postgresql)


def _rows(query: str) -> list[Any]:
    return list(db.session.execute(sa.text(query)).all())


def _json(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else value
