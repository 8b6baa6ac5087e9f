"""The keys that the first start makes: whole or not there, whatever happens to the process that makes them."""

import os
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.config import VAPID_FILE, Settings

READ = "import os; from app.config import Settings; Settings.from_environment(os.environ)"


def test_INV16_a_first_start_that_can_write_nothing_leaves_no_empty_key_behind(tmp_path: Path) -> None:
    wanted = {"NIGHTBELL_INSTANCE_DIR": str(tmp_path)}
    full = subprocess.run(
        [sys.executable, "-c", READ], env=os.environ | wanted, capture_output=True, check=False, timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),  # as when the disk is full
    )  # fmt: skip
    assert full.returncode != 0
    assert sorted(tmp_path.iterdir()) == []
    Settings.from_environment(wanted)
    assert all((tmp_path / name).read_text() for name in ("secret_key", VAPID_FILE))


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    wanted = {"NIGHTBELL_INSTANCE_DIR": str(tmp_path)}
    with ThreadPoolExecutor(8) as starting:
        started = list(starting.map(lambda _: Settings.from_environment(wanted), range(16)))
    assert len({(each.secret_key, each.vapid_private_key) for each in started}) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"secret_key", VAPID_FILE}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
