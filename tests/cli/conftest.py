"""The command as a person or a script calls it, on an installation of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty instance directory that every command of the test uses."""
    for name in ("DATABASE_URL", "BASE_URL", "SECRET_KEY", "VAPID_PRIVATE_KEY", "VAPID_SUBJECT", "SMTP_URL"):
        monkeypatch.delenv(f"NIGHTBELL_{name}", raising=False)
    directory = tmp_path / "instance"
    monkeypatch.setenv("NIGHTBELL_INSTANCE_DIR", str(directory))
    return directory


@pytest.fixture
def nightbell(instance: Path) -> Callable[..., Result]:
    """Calls `nightbell WORD…`; `stdin` is what it may read, never a terminal."""

    def call(*words: str, stdin: str = "") -> Result:
        return CliRunner().invoke(main, words, input=stdin, prog_name="nightbell")

    return call


@pytest.fixture
def migrated(nightbell: Callable[..., Result]) -> Callable[..., Result]:
    """The same, with the schema in place."""
    assert nightbell("db", "upgrade").exit_code == 0
    return nightbell
