"""The engine starts long work beside itself, once at a time."""

import os
import signal
from pathlib import Path

import pytest

from app.cli import ENGINE_GONE
from app.engine.errand import Errand


@pytest.fixture(autouse=True)
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An errand of these tests makes its keys here, not in the checkout."""
    monkeypatch.setenv("NIGHTBELL_INSTANCE_DIR", str(tmp_path / "instance"))


def test_an_errand_is_not_begun_again_while_it_runs():
    errand = Errand("--version")
    assert errand.start()
    running = errand._process
    running.send_signal(signal.SIGSTOP)
    assert not errand.start()
    running.send_signal(signal.SIGCONT)
    assert running.wait(timeout=60) == 0
    assert errand.start()
    assert errand._process.wait(timeout=60) == 0
    errand._process.communicate()


def test_an_errand_ends_with_the_engine_that_asked_for_it(tmp_path: Path) -> None:
    os.mkfifo(unwritten := tmp_path / "schedule.yaml")
    errand = Errand("schedule", "check", str(unwritten))  # waits for somebody to write the file
    assert errand.start()
    errand._process.stdin.close()  # as when the engine is killed
    try:
        assert errand._process.wait(timeout=60) == ENGINE_GONE
    finally:
        errand._process.kill()
