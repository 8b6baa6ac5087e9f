"""`nightbell up`, `web`, `engine`: the processes."""

import gc
import json
import os
import socket
import sys
from pathlib import Path

import click
from flask import Flask

from app import clock, create_app, logs, migrations
from app.cli.session import ROOT, opened
from app.database import transaction
from app.paging import bound_devices, vapid
from app.paging.vapid import KeyRing, UnusableKey
from app.people.first_run import first_run_link

THREADS = 32  # one process, many threads: on SQLite there is one writer anyway (docs/decisions/0008)

host_option = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
port_option = click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))


@click.command()
@host_option
@port_option
@click.option("--demo", "with_demo", is_flag=True, help="With a made-up organisation, in an empty database.")
def up(host: str, port: int, with_demo: bool) -> None:
    """Start everything: migrate, make keys, then web and engine under one parent."""
    _refuse_a_taken_port(host, port)
    address = f"http://{_reachable(host)}:{port}"
    if not (os.environ.get("NIGHTBELL_BASE_URL") or os.environ.get("NIGHTBELL_BASE_URL_FILE")):
        os.environ["NIGHTBELL_BASE_URL"] = address
    with opened(any_version=True) as app:
        migrations.upgrade()
        _refuse_to_silence(app)
        base_url = app.config["settings"].base_url
        way_in = _fill_with_demo() if with_demo else None
        with transaction():
            link = first_run_link(base_url, clock.now())
    words = [f"Nightbell is at {base_url}"]
    if way_in:
        words.append(f"Its people, alerts and incidents are made up, and nobody is ever paged. {way_in}.")
    if link:
        words.append(f"Nobody can sign in yet. This link makes the first administrator, once:\n  {link}")
    if host not in ("127.0.0.1", "localhost", "::1") and base_url.startswith("http://"):
        words.append("Phones need https: put a proxy before it and set NIGHTBELL_BASE_URL (docs/operating.md).")
    python = [sys.executable, "-m", "app.cli"]
    _become_the_parent(
        {
            "children": {
                "web": [*python, "web", "--host", host, "--port", str(port)],
                "engine": [*python, "engine"],
            },
            "address": [_reachable(host), port],
            "say": "\n".join(words),
        }
    )


@click.command()
@host_option
@port_option
def web(host: str, port: int) -> None:
    """Serve the pages, the API and the intake; pages nobody without an engine."""
    gc.disable()  # what starting makes, stays: looking for garbage in between is a fifth of the time it takes
    from app.cli.server import serve  # read here: no other process needs a server

    logs.to_stderr()
    with opened() as app:
        _refuse_to_silence(app)
    served = create_app(api_on_demand=True)
    gc.freeze()  # nor need it be looked at later; the little garbage among it is not worth 0.2 s of looking
    gc.enable()
    serve(served, host=host, port=port, threads=THREADS)


@click.command()
def engine() -> None:
    """Escalate and deliver. On SQLite one engine at a time; on PostgreSQL as many as you like."""
    from app.engine import EngineAlreadyRuns, run  # read here: only this process sends, and senders are large

    logs.to_stderr()
    with opened() as app:
        _refuse_to_silence(app)
        try:
            run(app)
        except EngineAlreadyRuns as error:
            raise click.ClickException(str(error)) from error


def _fill_with_demo() -> str:
    """Make the organisation up unless it is here already; answers how to sign in."""
    from app.cli import demo  # read here: it knows every room, and is wanted rarely

    if not demo.is_loaded():
        try:
            click.echo("Making up an organisation and its last 90 days …", err=True)
            demo.load(at=clock.now())
        except demo.NotEmpty as error:
            raise click.ClickException(str(error)) from error
    return demo.sign_in().says


def _refuse_to_silence(app: Flask) -> None:
    """A push key that is lost would keep every phone quiet while all else looks well: better not to start."""
    settings = app.config["settings"]
    if problems := vapid.problems(settings.vapid_private_key, settings.vapid_subject):
        raise click.ClickException("\n  ".join(["the push key cannot be used:", *problems]))
    try:
        with transaction():
            bound_devices.refuse_to_silence(KeyRing.from_settings(settings))
    except (bound_devices.SilencedDevices, UnusableKey) as error:
        raise click.ClickException(str(error)) from error


def _become_the_parent(plan: dict[str, object]) -> None:
    """Replace this process by the small one of processes.py. The plan holds a secret link: not for argv."""
    reading, writing = os.pipe()
    os.write(writing, json.dumps(plan).encode())
    os.close(writing)
    os.set_inheritable(reading, True)
    sys.stdout.flush()
    os.chdir(ROOT)
    program = str(Path(__file__).with_name("processes.py"))
    os.execv(sys.executable, [sys.executable, "-I", program, str(reading)])  # our own program, no shell # nosec B606


def _refuse_a_taken_port(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host} port {port}: {error.strerror}. Choose another with --port."
        ) from error


def _reachable(host: str) -> str:
    """The address to try from this machine when listening on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "127.0.0.1"}.get(host, host)  # only read # nosec B104
