"""`nightbell doctor`: everything that would keep a page from ringing, listed at once."""

import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta

import click
from flask import current_app

from app import clock, migrations
from app.cli.session import as_json, opened, print_json, settings
from app.config import Settings
from app.paging import bound_devices, vapid


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `is_problem` is what makes the exit code 1."""

    about: str
    is_problem: bool
    sentence: str


@click.command()
@as_json
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look at settings, keys, database and people; exit 1 with every problem."""
    findings = list(_examine(settings()))
    healthy = not any(finding.is_problem for finding in findings)
    if as_json:
        print_json({"healthy": healthy, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            click.echo(f"{'PROBLEM' if finding.is_problem else 'ok':8}{finding.about}: {finding.sentence}")
    context.exit(0 if healthy else 1)


def _examine(current: Settings) -> Iterator[Finding]:
    yield from _keys(current)
    yield from _address(current)
    try:
        with opened(any_version=True):
            yield from list(_database())
    except click.ClickException as error:
        yield Finding("database", True, error.message)


def _keys(current: Settings) -> Iterator[Finding]:
    """Keys that Nightbell keeps must be readable by its own account alone."""
    for name in ("secret_key", "vapid_private_key"):
        file = current.instance_dir / name
        if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
            yield Finding("keys", True, f"{file} can be read by others: chmod 600 {file}")
        elif file.exists():
            yield Finding("keys", False, f"{file} is private; back it up")
    for problem in vapid.problems(current.vapid_private_key, current.vapid_subject):
        yield Finding("push", True, problem)
    for warning in vapid.warnings(current.vapid_subject):
        yield Finding("push", False, warning)


def _address(current: Settings) -> Iterator[Finding]:
    if current.base_url.startswith("https://"):
        yield Finding("address", False, current.base_url)
    elif current.base_url.startswith(("http://127.0.0.1", "http://localhost")):
        yield Finding("address", False, f"{current.base_url}: good for this machine's browser, not for phones")
    else:
        yield Finding("address", True, f"{current.base_url}: browsers give push to https:// addresses only")


def _database() -> Iterator[Finding]:
    at, head = migrations.current(), migrations.head()
    if at != head:
        yield Finding("database", True, f"its schema is {at or 'missing'}, not {head}: nightbell db upgrade")
        return
    yield Finding("database", False, f"answers, with schema {at}")
    yield from _devices()
    apart = abs(clock.now() - clock.host())
    if apart > timedelta(seconds=5):
        yield Finding("clock", True, f"the database and this machine are {apart.total_seconds():.0f} s apart")


def _devices() -> Iterator[Finding]:
    """A device bound to a key that is gone would stay silent while all else looks well."""
    try:
        bound = bound_devices.count(vapid.KeyRing.from_settings(current_app.config["settings"]))
    except vapid.UnusableKey:
        return  # named already
    if bound.lost:
        yield Finding(
            "devices", True, f"{bound.lost} are bound to a push key that is not here: they cannot ring"
        )
    if bound.earlier:
        yield Finding("devices", False, f"{bound.earlier} have not moved to the present push key yet")
