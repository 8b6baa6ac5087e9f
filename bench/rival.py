"""alerta-server, set up by ourselves: a Flask application over PostgreSQL that takes alerts in.

Its packages live in a virtual environment of their own below `build/`, made at the first run and never ours. It
runs as it ships: no sign-in, default plugins, gunicorn with two sync workers, its own schema.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa

from bench import running
from bench.closed_loop import get, post
from bench.running import ROOT, Process

PACKAGES = ("alerta-server==9.1.0", "gunicorn==27.0.1", "psycopg2-binary==2.9.13", "setuptools<81")
HOME = ROOT / "build" / "alerta"
WORKERS = 2


class NotToBeHad(Exception):
    """Its packages cannot be installed here."""


@dataclass(frozen=True)
class Rival:
    """One at work at `url`; its processor time is that of gunicorn and all its workers."""

    url: str
    process: Process
    database: str

    def new(self, run: str) -> bytes:
        """A new alert, by a name that nobody had before."""
        return post(self.url, "/alert", _event(run))

    def list_open(self) -> bytes:
        return get(self.url, "/alerts?status=open&page-size=50&page=1")

    def acknowledge(self, alert_id: str) -> bytes:
        return post(self.url, f"/alert/{alert_id}/status", {"status": "ack", "text": "ack"}, method="PUT")

    def fill(self, number: int) -> list[str]:
        """So many open alerts in its table, each like one that it took in itself; answers their ids."""
        body = json.dumps(_event("pattern")).encode()
        asked = urllib.request.Request(f"{self.url}/alert", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(asked, timeout=30).close()
        with psycopg.connect(self.database) as line:
            line.execute("DELETE FROM alerts WHERE resource <> 'pattern'")
            line.execute(
                "INSERT INTO alerts SELECT filled.* FROM generate_series(1, %s) AS n,"
                " (SELECT a FROM alerts a LIMIT 1) AS one, LATERAL jsonb_populate_record(one.a,"
                " jsonb_build_object('id', gen_random_uuid()::text, 'resource', 'filled ' || n)) AS filled",
                [number - 1],
            )
            line.commit()
            line.autocommit = True
            line.execute("ANALYZE alerts")
            return [row[0] for row in line.execute("SELECT id FROM alerts ORDER BY random()").fetchall()]


def _event(run: str) -> dict[str, object]:
    return {
        "resource": run, "event": "CheckoutErrors", "environment": "Production", "severity": "critical",
        "service": ["checkout"], "text": "Checkout errors at 14 %", "value": "14 %",
    }  # fmt: skip


@contextmanager
def at_work(server: str) -> Iterator[Rival]:
    """One beside our database, on the same PostgreSQL server with the same durability. Raises NotToBeHad."""
    python = _installed()
    database = sa.make_url(server).set(drivername="postgresql", database="alerta")
    address = database.render_as_string(hide_password=False)
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as line:
        line.execute("CREATE DATABASE alerta")
    environ = {"DATABASE_URL": address}
    # with two workers on an empty database both would make the schema, and one would end
    subprocess.run(
        [python, "-c", "import alerta; alerta.create_app()"], env=running.AS_INSTALLED | environ, check=True,
        capture_output=True,
    )  # fmt: skip
    port = running.free_port()
    command = [
        str(python.parent / "gunicorn"), "-w", str(WORKERS), "-b", f"127.0.0.1:{port}",
        "--log-level", "critical", "alerta:create_app()",
    ]  # fmt: skip
    with running.started("alerta", command, environ) as process:
        url = f"http://127.0.0.1:{port}"
        running.answers(url)
        yield Rival(url, process, address)


def _installed() -> Path:
    python = HOME / "bin" / "python"
    said = HOME / "installed"
    if said.exists() and said.read_text() == "\n".join(PACKAGES):
        return python
    try:
        subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True, capture_output=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *PACKAGES]
        subprocess.run(install, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as failed:
        raise NotToBeHad(f"alerta-server could not be installed: {failed.stderr}") from failed
    said.write_text("\n".join(PACKAGES))
    return python
