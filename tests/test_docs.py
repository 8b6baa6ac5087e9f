"""The documents keep up with the code: every setting, command, route, job and dependency is mentioned."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from app import config, create_app
from app.cli import main
from app.engine import jobs
from tests.support.databases import settings_for

ROOT = Path(__file__).resolve().parent.parent
DOCS = {path: path.read_text() for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]}
EVERYTHING = "\n".join(DOCS.values())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def operating() -> str:
    return DOCS[ROOT / "docs/operating.md"]


def commands(group: click.Group, prefix: str = "") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield prefix + name


@pytest.mark.parametrize("name", [field.name.upper() for field in fields(config.Settings)])
def test_every_setting_has_its_line(name: str) -> None:
    assert f"| `{config.PREFIX}{name}` |" in operating()


@pytest.mark.parametrize("command", sorted(commands(main)))
def test_every_command_is_told_of(command: str) -> None:
    assert f"`nightbell {command}" in operating()


@pytest.mark.parametrize(
    "job",
    sorted(
        job.__name__
        for job in (*jobs.EVERY_ROUND, *jobs.EVERY_SECOND, *jobs.EVERY_MINUTE, *jobs.BESIDE, *jobs.ERRANDS)
    ),
)
def test_every_job_of_the_engine_is_told_of(job: str) -> None:
    assert f"`{job}`" in DOCS[ROOT / "docs/architecture.md"]


def test_every_route_is_told_of(sqlite_template: Path, tmp_path: Path) -> None:
    """Addresses of the API are in its own document, made from the code that answers; here are the others."""
    app = create_app(settings_for(tmp_path, f"sqlite:///{sqlite_template}"))
    told = DOCS[ROOT / "docs/http.md"]
    rules = (rule.rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/api/v1/"))
    routes = {re.sub(r"<(?:\w+(?:\(.*?\))?:)?(\w+)>", r"<\1>", rule) for rule in rules}
    assert sorted(route for route in routes if f"`{route}`" not in told) == []


@pytest.mark.parametrize(
    "dependency",
    sorted(
        re.split(r"[\[>=<~ ;]", line)[0]
        for line in [
            *PROJECT["dependencies"],
            *(each for extra in PROJECT["optional-dependencies"].values() for each in extra),
        ]
    ),
)
def test_every_dependency_has_its_reason(dependency: str) -> None:
    assert dependency in DOCS[ROOT / "docs/decisions/0007-libraries.md"]


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = []
    for path, text in DOCS.items():
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            if "screens/" not in target and not (path.parent / target).exists():  # pictures come from a journey
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert broken == []


def test_decisions_are_numbered_without_a_hole() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
    for path in sorted((ROOT / "docs/decisions").glob("[0-9]*.md")):
        assert path.read_text().startswith(f"# {int(path.name[:4])}. ")


def test_lock_files_name_no_registry_of_their_own() -> None:
    """Where packages come from is the machine's own choice; only names, versions and hashes are ours."""
    for lock in sorted([*ROOT.glob("requirements*.txt"), *ROOT.glob("package-lock.json")]):
        foreign = re.findall(r"https?://(?!registry\.npmjs\.org/)[^\s\"]+", lock.read_text())
        assert foreign == [], lock


def locked(name: str) -> dict[str, list[str]]:
    """What a lock file of Python's names, with the hashes of each."""
    entry = re.compile(r"^([\w.-]+==\S+)[^\n]*((?:\n    --hash=\S+[^\n]*)+)", re.MULTILINE)
    return {
        library: sorted(re.findall(r"--hash=(\S+)", hashes))
        for library, hashes in entry.findall((ROOT / name).read_text())
    }


def test_what_runs_is_locked_as_it_is_tested() -> None:
    """The check installs one file and `bin/run` the other: a wrong hash would show on a new machine alone."""
    runs, tested = locked("requirements.txt"), locked("requirements-dev.txt")
    assert len(runs) > 50
    assert {library: hashes for library, hashes in runs.items() if tested.get(library) != hashes} == {}


def security_table() -> dict[int, str]:
    """What docs/security.md names as the proof of each requirement."""
    rows = re.findall(r"^\| SEC-(\d+) \|.*\| ([^|]+) \|$", DOCS[ROOT / "docs/security.md"], re.MULTILINE)
    return {int(number): proof for number, proof in rows}


@pytest.mark.parametrize("number", range(1, 39))
def test_every_security_requirement_has_its_proof(number: int) -> None:
    proof = security_table()[number]
    files = re.findall(r"`(tests/[\w/]+\.py)`", proof)
    assert files or proof.startswith("with "), f"SEC-{number}: neither a test nor what brings it"
    for file in files:
        assert f"SEC{number}_" in (ROOT / file).read_text(), f"{file} has no test named for SEC-{number}"
