"""Where the browsers are. Without one its tests are skipped, but fail in CI, where it must be there."""

import os
import shutil

import pytest


def find(*names: str) -> str:
    """The path of the first of these programs on PATH."""
    for name in names:
        if path := shutil.which(name):
            return path
    missing = f"{names[0]} is not installed: `apt-get install {names[0]}` (bin/test does it where it may)"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)
